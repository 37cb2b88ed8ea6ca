namespace Studio.Core.Hub;

/// <summary>What a model's card (README.md) says at its head.</summary>
/// <param name="Title">Name that the card gives the model; null = none.</param>
/// <param name="License">License, such as apache-2.0 or the name of one of its own; null = it does not say.</param>
/// <param name="LicenseLink">Where that license stands; null = it does not say.</param>
public sealed record ModelCard(string? Title, string? License, string? LicenseLink)
{
    private const int LargestHead = 256 << 10;
    private const int LongestValue = 300;

    /// <summary>A card that says nothing.</summary>
    public static ModelCard None { get; } = new(null, null, null);

    /// <summary>Reads the card of a model folder.</summary>
    public static ModelCard Read(string folder)
    {
        string path = Path.Combine(folder, "README.md");
        if (!File.Exists(path)) return None;
        var buffer = new char[LargestHead];
        using var reader = new StreamReader(path);
        return Parse(new string(buffer, 0, reader.ReadBlock(buffer)));
    }

    /// <summary>Reads the text of a card: YAML between two lines of dashes, of which the plain top-level values matter, then Markdown.</summary>
    internal static ModelCard Parse(string text)
    {
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        var head = new Dictionary<string, string>(StringComparer.Ordinal);
        int body = 0;
        if (lines[0].Trim('\uFEFF', ' ') == "---")
        {
            int end = Array.FindIndex(lines, 1, line => line.TrimEnd() is "---" or "...");
            body = end < 0 ? lines.Length : end + 1;
            foreach (string line in lines[1..(end < 0 ? lines.Length : end)])
                if (line.Length > 0 && char.IsAsciiLetter(line[0]) && line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && Plain(line[(colon + 1)..]) is { } value)
                    head.TryAdd(line[..colon].Trim(), value);
        }
        string? title = head.GetValueOrDefault("model_name") ?? lines[body..].FirstOrDefault(line => line.StartsWith("# ", StringComparison.Ordinal))?[2..].Trim();
        string? license = head.GetValueOrDefault("license");
        return new ModelCard(Bounded(title), Bounded(license is "other" or null ? head.GetValueOrDefault("license_name") ?? license : license), Bounded(head.GetValueOrDefault("license_link")));
    }

    // A list, an object or a block of text begins with these and is no plain value.
    private static string? Plain(string text)
    {
        text = text.Trim();
        if (text is ['"', .., '"'] or ['\'', .., '\''] && text.Length > 1) return text[1..^1];
        int comment = text.IndexOf(" #", StringComparison.Ordinal);
        text = comment < 0 ? text : text[..comment].TrimEnd();
        return text.Length == 0 || text[0] is '[' or '{' or '|' or '>' or '#' or '&' or '*' ? null : text;
    }

    private static string? Bounded(string? text) => text is { Length: > 0 } ? text[..Math.Min(text.Length, LongestValue)] : null;
}
