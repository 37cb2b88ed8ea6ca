using System.Globalization;

namespace Studio.Core;

/// <summary>Amounts of memory and file sizes for people.</summary>
public static class ByteText
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>Three significant digits in the largest binary unit that keeps the figure at 1 or above.</summary>
    /// <param name="bytes">The amount.</param>
    /// <param name="culture">Whose decimal point; null = none's in particular, for texts that are stored.</param>
    public static string Format(long bytes, CultureInfo? culture = null)
    {
        var value = (double)bytes;
        var unit = 0;
        // 1023.5 would print as 1024.
        while (Math.Abs(value) >= 1023.5 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }
        var format = unit == 0 || Math.Abs(value) >= 99.95 ? "0" : Math.Abs(value) >= 9.995 ? "0.0" : "0.00";
        return $"{value.ToString(format, culture ?? CultureInfo.InvariantCulture)} {Units[unit]}";
    }
}
