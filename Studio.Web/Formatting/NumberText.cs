using System.Globalization;

namespace Studio.Web.Formatting;

/// <summary>Figures for people, in the current culture.</summary>
public static class NumberText
{
    /// <summary>What is shown for a figure that is not there.</summary>
    public const string None = "–";

    private static readonly string[] Suffixes = ["", " k", " M", " G", " T"];

    /// <summary>A measured figure with so many significant digits; very small and very large ones as powers of ten.</summary>
    public static string Significant(double? value, int digits = 4)
    {
        if (value is not { } number || double.IsNaN(number))
            return None;
        if (number == 0 || double.IsInfinity(number))
            return number.ToString("0", CultureInfo.CurrentCulture);
        var exponent = (int)Math.Floor(Math.Log10(Math.Abs(number)));
        if (exponent is < -4 or > 6)
            return number.ToString("0." + new string('0', Math.Min(digits - 1, 2)) + "e0", CultureInfo.CurrentCulture);
        return number.ToString("N" + Math.Max(0, digits - 1 - exponent), CultureInfo.CurrentCulture);
    }

    /// <summary>A count in three digits: 950, 12.3 k, 4.56 M.</summary>
    public static string Compact(double value)
    {
        var scale = 0;
        while (Math.Abs(value) >= 999.5 && scale < Suffixes.Length - 1)
        {
            value /= 1000;
            scale++;
        }
        var format = scale == 0 || Math.Abs(value) >= 99.95 ? "0" : Math.Abs(value) >= 9.995 ? "0.0" : "0.00";
        return value.ToString(format, CultureInfo.CurrentCulture) + Suffixes[scale];
    }

    /// <summary>A whole number with group separators.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.CurrentCulture);

    /// <summary>A share between 0 and 1 as a percentage without decimals.</summary>
    public static string Percent(double share) => share.ToString("P0", CultureInfo.CurrentCulture);
}
