using System.Globalization;
using System.Numerics;

namespace Studio.Web.FineTunes;

/// <summary>Numbers that people type: with the decimal separator of their language, or the point.</summary>
public static class NumberInput
{
    /// <summary>The number that a text is, or null.</summary>
    /// <typeparam name="T">Type of the number.</typeparam>
    public static T? Parse<T>(string text)
        where T : struct, INumber<T> =>
        T.TryParse(text, NumberStyles.Float, CultureInfo.CurrentCulture, out var local) ? local
        : T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var invariant) ? invariant
        : null;

    /// <summary>A number as it stands in a field.</summary>
    public static string Format(IFormattable value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.ToString("0.##########", CultureInfo.CurrentCulture);
    }
}
