namespace Studio.Core;

/// <summary>The beginning of a text for a message: what a damaged file holds may be of any length.</summary>
internal static class Excerpt
{
    /// <summary>The text, or its beginning and an ellipsis where it is longer.</summary>
    /// <param name="text">The text.</param>
    /// <param name="most">Characters to keep.</param>
    public static string Of(string text, int most = 120)
    {
        if (text.Length <= most) return text;
        int end = char.IsHighSurrogate(text[most - 1]) ? most - 1 : most;
        return string.Concat(text.AsSpan(0, end), "...");
    }
}
