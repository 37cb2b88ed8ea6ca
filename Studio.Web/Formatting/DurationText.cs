using System.Globalization;

namespace Studio.Web.Formatting;

/// <summary>Spans of time for people.</summary>
public static class DurationText
{
    /// <summary>The two largest units: "850 ms", "4.2 s", "3 min 05 s", "2 h 14 min", "3 d 4 h". Negative spans count as zero.</summary>
    public static string Format(TimeSpan span)
    {
        if (span < TimeSpan.Zero)
            span = TimeSpan.Zero;
        var culture = CultureInfo.CurrentCulture;
        if (span.TotalSeconds < 0.9995)
            return string.Create(culture, $"{span.TotalMilliseconds:0} ms");
        if (span.TotalSeconds < 9.95)
            return string.Create(culture, $"{span.TotalSeconds:0.0} s");
        var seconds = (long)Math.Round(span.TotalSeconds);
        return seconds switch
        {
            < 60 => string.Create(culture, $"{seconds} s"),
            < 3_600 => string.Create(culture, $"{seconds / 60} min {seconds % 60:00} s"),
            < 86_400 => string.Create(culture, $"{seconds / 3_600} h {seconds % 3_600 / 60:00} min"),
            _ => string.Create(culture, $"{seconds / 86_400} d {seconds % 86_400 / 3_600} h"),
        };
    }
}
