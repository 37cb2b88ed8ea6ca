using System.Buffers;
using System.Text;

namespace Studio.Core.Text.Tokenization;

/// <summary>A stretch of text: an added token, or (where <paramref name="Token"/> is null) text between two of them.</summary>
internal readonly record struct TextSegment(int Start, int End, AddedToken? Token);

/// <summary>
/// Finds added tokens in a text, leftmost first and the longest of those that start there, as the matcher of the Hugging Face tokenizers
/// library does (<c>AddedVocabulary::find_matches</c>).
/// </summary>
internal sealed class AddedTokenMatcher
{
    private readonly SearchValues<string> _contents;
    private readonly Dictionary<char, (string Content, AddedToken Token)[]> _byFirst;

    /// <param name="tokens">What to look for: the text as it is to be found, and the token it makes.</param>
    public AddedTokenMatcher(IEnumerable<(string Content, AddedToken Token)> tokens)
    {
        var wanted = tokens.Where(entry => entry.Content.Length > 0).ToArray();
        IsEmpty = wanted.Length == 0;
        _contents = SearchValues.Create(wanted.Select(entry => entry.Content).ToArray(), StringComparison.Ordinal);
        _byFirst = wanted.GroupBy(entry => entry.Content[0])
            .ToDictionary(group => group.Key, group => group.OrderByDescending(entry => entry.Content.Length).ToArray());
    }

    /// <summary>Whether there is nothing to look for.</summary>
    public bool IsEmpty { get; }

    /// <summary>Cuts a text into added tokens and what lies between them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isAllowed">Whether a token found at [start, end) may be made; null allows all.</param>
    public List<TextSegment> Split(string text, Func<AddedToken, int, int, bool>? isAllowed)
    {
        var segments = new List<TextSegment>();
        var done = 0;
        var from = 0;
        while (!IsEmpty && from < text.Length)
        {
            var offset = text.AsSpan(from).IndexOfAny(_contents);
            if (offset < 0) break;
            var start = from + offset;
            var (content, token) = LongestAt(text, start);
            var end = start + content.Length;
            if (isAllowed is not null && !isAllowed(token, start, end))
            {
                from = start + 1;
                continue;
            }

            from = end;
            if (token.SingleWord && (IsWordBefore(text, start) || IsWordAt(text, end))) continue;
            if (token.StripLeft) start = Math.Max(done, start - TrailingSpace(text.AsSpan(0, start)));
            if (token.StripRight) end += LeadingSpace(text.AsSpan(end));
            if (done < start) segments.Add(new TextSegment(done, start, null));
            segments.Add(new TextSegment(start, end, token));
            done = end;
        }

        if (done < text.Length) segments.Add(new TextSegment(done, text.Length, null));
        return segments;
    }

    private (string Content, AddedToken Token) LongestAt(string text, int start)
    {
        foreach (var entry in _byFirst[text[start]])
            if (text.AsSpan(start).StartsWith(entry.Content, StringComparison.Ordinal)) return entry;
        throw new InvalidOperationException($"No added token starts at character {start}, where the search found one.");
    }

    private static int LeadingSpace(ReadOnlySpan<char> text) => text.Length - text.TrimStart().Length;

    private static int TrailingSpace(ReadOnlySpan<char> text) => text.Length - text.TrimEnd().Length;

    private static bool IsWordBefore(string text, int index) =>
        Rune.DecodeLastFromUtf16(text.AsSpan(0, index), out var rune, out _) == OperationStatus.Done && WordCharacters.Contains(rune);

    private static bool IsWordAt(string text, int index) =>
        Rune.DecodeFromUtf16(text.AsSpan(index), out var rune, out _) == OperationStatus.Done && WordCharacters.Contains(rune);
}
