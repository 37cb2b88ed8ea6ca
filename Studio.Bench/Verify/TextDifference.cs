using System.Globalization;
using System.Text.Json;

namespace Studio.Bench.Verify;

/// <summary>Where two texts part, for people.</summary>
internal static class TextDifference
{
    private const int Shown = 40;

    /// <summary>The first difference; null where the texts are equal.</summary>
    public static string? Describe(string expected, string actual)
    {
        if (string.Equals(expected, actual, StringComparison.Ordinal)) return null;
        int at = expected.AsSpan().CommonPrefixLength(actual);
        return string.Create(CultureInfo.InvariantCulture, $"at character {at} of {expected.Length}: expected {Part(expected, at)}, found {Part(actual, at)}");
    }

    private static string Part(string text, int at) =>
        at >= text.Length ? "the end" : JsonSerializer.Serialize(text.Substring(at, Math.Min(Shown, text.Length - at))) + (text.Length - at > Shown ? "..." : "");
}
