using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Studio.Core.Text.Tokenization;

/// <summary>
/// A regular expression that sees whole code points. .NET matches UTF-16 units, so each character outside of the basic plane is shown to
/// it as one stand-in of the same general category that the pattern does not name.
/// </summary>
internal sealed class CodePointRegex
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);
    private static readonly Lazy<ILookup<UnicodeCategory, char>> Caseless = new(() => Enumerable.Range(0x80, 0xD800 - 0x80)
        .Concat(Enumerable.Range(0xE000, 0x1FFE)).Select(value => (char)value)
        .Where(c => !char.IsWhiteSpace(c) && char.ToLowerInvariant(c) == c && char.ToUpperInvariant(c) == c)
        .ToLookup(CharUnicodeInfo.GetUnicodeCategory));

    private readonly Regex _regex;
    private readonly string _path;
    private readonly Lazy<Dictionary<UnicodeCategory, char>> _standIns;

    private CodePointRegex(string pattern, string path, IReadOnlyList<(char First, char Last)> named)
    {
        _path = path;
        _regex = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.Compiled, Limit);
        _standIns = new(() => Caseless.Value.ToDictionary(
            group => group.Key,
            group => group.FirstOrDefault(c => !named.Any(range => range.First <= c && c <= range.Last), '\uFFFF')));
    }

    /// <summary>GPT-2's own pattern, which byte-level pre-tokenizers use unless told not to.</summary>
    public static CodePointRegex Gpt2 { get; } =
        new(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", "ByteLevel", [('\'', '\''), ('a', 'z'), (' ', ' ')]);

    /// <summary>Reads a <c>pattern</c> field: <c>{"Regex": ...}</c>, <c>{"String": ...}</c> or a plain string, which is taken literally.</summary>
    public static CodePointRegex Read(JsonNode node)
    {
        var literal = node.Element.ValueKind == System.Text.Json.JsonValueKind.String ? node : node.Object().Optional("String");
        if (literal is { } text)
        {
            if (text.Text().Length == 0) throw text.Invalid("a text that is not empty");
            var escaped = Regex.Escape(text.Text());
            if (escaped.Any(char.IsSurrogate)) throw text.Unsupported("characters of the basic multilingual plane");
            return new CodePointRegex(escaped, text.Path, [.. text.Text().Select(c => (c, c))]);
        }

        var source = node.Required("Regex");
        var (pattern, named) = RegexTranslator.Translate(source);
        try
        {
            return new CodePointRegex(pattern, source.Path, named);
        }
        catch (RegexParseException error)
        {
            throw new InvalidDataException($"{source.Path}: not a valid regular expression: {error.Message}", error);
        }
    }

    /// <summary>The text cut at the matches: matches and what lies between them, in order, without gaps.</summary>
    /// <exception cref="InvalidDataException">The pattern needs more than a second for one match.</exception>
    public List<SplitRange> Ranges(string text)
    {
        var shown = text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') ? null : text;
        var offsets = Array.Empty<int>();
        if (shown is null) (shown, offsets) = Show(text);
        var ranges = new List<SplitRange>();
        var done = 0;
        try
        {
            foreach (var match in _regex.EnumerateMatches(shown))
            {
                var start = offsets.Length == 0 ? match.Index : offsets[match.Index];
                var end = offsets.Length == 0 ? match.Index + match.Length : offsets[match.Index + match.Length];
                if (done < start) ranges.Add(new SplitRange(done, start, false));
                ranges.Add(new SplitRange(start, end, true));
                done = end;
            }
        }
        catch (RegexMatchTimeoutException error)
        {
            throw new InvalidDataException(
                $"{_path}: the pattern took more than {Limit.TotalSeconds:0} s on one match of a text of {text.Length} characters.", error);
        }

        if (done < text.Length) ranges.Add(new SplitRange(done, text.Length, false));
        return ranges;
    }

    private (string Shown, int[] Offsets) Show(string text)
    {
        var shown = new StringBuilder(text.Length);
        var offsets = new List<int>(text.Length + 1);
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            offsets.Add(at);
            shown.Append(rune.IsBmp ? (char)rune.Value : _standIns.Value.GetValueOrDefault(Rune.GetUnicodeCategory(rune), '\uFFFF'));
            at += rune.Utf16SequenceLength;
        }

        offsets.Add(at);
        return (shown.ToString(), [.. offsets]);
    }
}
