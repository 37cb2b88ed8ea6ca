using System.Globalization;
using Studio.Core;

namespace Studio.Web.Formatting;

/// <summary>Amounts of memory and file sizes on pages.</summary>
public static class BytesText
{
    /// <summary><see cref="ByteText.Format"/> in the current culture.</summary>
    public static string Format(long bytes) => ByteText.Format(bytes, CultureInfo.CurrentCulture);
}
