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
    // A match takes microseconds; only a pattern that backtracks without end comes near this.
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(400);

    // Compiling takes longer than a short text; a pattern is compiled when it has seen this much text.
    private const int CompileAfter = 1 << 16;
    private static readonly Lazy<ILookup<UnicodeCategory, char>> Caseless = new(() => Enumerable.Range(0x80, 0xD800 - 0x80)
        .Concat(Enumerable.Range(0xE000, 0x1FFE)).Select(value => (char)value)
        .Where(c => !char.IsWhiteSpace(c) && char.ToLowerInvariant(c) == c && char.ToUpperInvariant(c) == c)
        .ToLookup(CharUnicodeInfo.GetUnicodeCategory));

    private readonly string? _literal;
    private readonly string _pattern;
    private readonly string _path;
    private readonly Lazy<Dictionary<UnicodeCategory, char>> _standIns;
    private volatile Regex _regex;
    private int _seen;

    private CodePointRegex(string pattern, string path, IReadOnlyList<(char First, char Last)> named, string? literal = null)
    {
        _literal = literal;
        _pattern = pattern;
        _path = path;
        _regex = Build(RegexOptions.None);
        _standIns = new(() => Caseless.Value.ToDictionary(
            group => group.Key,
            group => group.FirstOrDefault(c => !named.Any(range => range.First <= c && c <= range.Last), '\uFFFF')));
    }

    /// <summary>GPT-2's own pattern, which byte-level pre-tokenizers use unless told not to.</summary>
    public static CodePointRegex Gpt2 { get; } =
        new(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", "ByteLevel", [('\'', '\''), ('a', 'z'), (' ', ' ')]);

    /// <summary>Reads a <c>pattern</c> field: <c>{"Regex": ...}</c>, or <c>{"String": ...}</c>, which is taken literally.</summary>
    public static CodePointRegex Read(JsonNode node)
    {
        node.Object().Known("Regex", "String");
        if (node.Optional("String") is { } text)
        {
            if (node.Optional("Regex") is not null) throw node.Invalid("either a String or a Regex");
            if (text.Text().Length == 0) throw text.Invalid("a text that is not empty");
            return new CodePointRegex(Regex.Escape(text.Text()), text.Path, [], text.Text());
        }

        var source = node.Required("Regex");
        var (pattern, named) = RegexTranslator.Translate(source);
        try
        {
            return new CodePointRegex(pattern, source.Path, named);
        }
        catch (RegexParseException error)
        {
            throw new InvalidDataException($"{source.Path}: not a valid regular expression: {Excerpt.Of(error.Message, 300)}", error);
        }
    }

    /// <summary>The text cut at the matches: matches and what lies between them, in order, without gaps.</summary>
    /// <exception cref="InvalidDataException">The pattern takes too long.</exception>
    public List<SplitRange> Ranges(string text)
    {
        if (_literal is not null) return LiteralRanges(text, _literal);
        var shown = text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') ? null : text;
        var offsets = Array.Empty<int>();
        if (shown is null) (shown, offsets) = Show(text);
        var regex = Prepared(text.Length);
        try
        {
            return Matches(regex, shown, offsets, text.Length);
        }
        catch (RegexMatchTimeoutException)
        {
            // The limit counts the clock's time. A machine that stood still, or compiled the pattern meanwhile, does not do so twice.
        }

        try
        {
            return Matches(regex, shown, offsets, text.Length);
        }
        catch (RegexMatchTimeoutException error)
        {
            throw new InvalidDataException($"{_path}: the pattern took too long on a text of {text.Length} characters; it backtracks too much.", error);
        }
    }

    private static List<SplitRange> Matches(Regex regex, string shown, int[] offsets, int length)
    {
        var ranges = new List<SplitRange>();
        var (done, last) = (0, -1);
        var end = Environment.TickCount64 + 1000 + length / 100;
        foreach (var match in regex.EnumerateMatches(shown))
        {
            // Oniguruma gives no empty match where the match before it ended.
            if (match.Length == 0 && match.Index == last) continue;
            last = match.Index + match.Length;
            if (Environment.TickCount64 > end) throw new RegexMatchTimeoutException();
            var (start, stop) = offsets.Length == 0 ? (match.Index, last) : (offsets[match.Index], offsets[last]);
            if (done < start) ranges.Add(new SplitRange(done, start, false));
            ranges.Add(new SplitRange(start, stop, true));
            done = stop;
        }

        if (done < length) ranges.Add(new SplitRange(done, length, false));
        return ranges;
    }

    private static List<SplitRange> LiteralRanges(string text, string literal)
    {
        var ranges = new List<SplitRange>();
        var done = 0;
        for (int at; (at = text.IndexOf(literal, done, StringComparison.Ordinal)) >= 0; done = at + literal.Length)
        {
            if (done < at) ranges.Add(new SplitRange(done, at, false));
            ranges.Add(new SplitRange(at, at + literal.Length, true));
        }

        if (done < text.Length) ranges.Add(new SplitRange(done, text.Length, false));
        return ranges;
    }

    private Regex Prepared(int length)
    {
        if (_seen < CompileAfter && Interlocked.Add(ref _seen, Math.Min(length, CompileAfter)) >= CompileAfter) _regex = Build(RegexOptions.Compiled);
        return _regex;
    }

    private Regex Build(RegexOptions options) => new(_pattern, RegexOptions.CultureInvariant | RegexOptions.Multiline | options, Limit);

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
