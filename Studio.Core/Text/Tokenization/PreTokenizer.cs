using System.Text;

namespace Studio.Core.Text.Tokenization;

/// <summary>
/// The <c>pre_tokenizer</c> of tokenizer.json: cuts a text into the words that the model sees one by one. Every supported chain has one
/// ByteLevel step, which respells the pieces in the byte alphabet.
/// </summary>
internal sealed class PreTokenizer
{
    private delegate void Step(string piece, List<string> pieces);

    private readonly IReadOnlyList<Step> _steps;

    private PreTokenizer(IReadOnlyList<Step> steps) => _steps = steps;

    /// <exception cref="NotSupportedException">The chain has no ByteLevel step, or one of another kind.</exception>
    public static PreTokenizer Read(JsonNode root)
    {
        if (root.Optional("pre_tokenizer") is not { } node)
            throw new NotSupportedException($"{root.Path}.pre_tokenizer: null is not supported; supported: a chain with ByteLevel in it.");
        var steps = new List<Step>();
        var byteLevels = 0;
        Add(node.Object(), steps, ref byteLevels);
        if (byteLevels != 1) throw node.Unsupported("a chain with ByteLevel in it once");
        return new PreTokenizer(steps);
    }

    /// <summary>The words of a text, spelled in the byte alphabet.</summary>
    public List<string> Split(string text)
    {
        var pieces = new List<string> { text };
        foreach (var step in _steps)
        {
            var next = new List<string>(pieces.Count);
            foreach (var piece in pieces) step(piece, next);
            pieces = next;
        }

        return pieces;
    }

    private static void Add(JsonNode node, List<Step> steps, ref int byteLevels)
    {
        var type = node.Required("type");
        switch (type.Text())
        {
            case "Sequence":
                foreach (var item in node.Required("pretokenizers").Items()) Add(item.Object(), steps, ref byteLevels);
                break;
            case "ByteLevel":
                byteLevels++;
                steps.Add(ByteLevel(node.Flag("add_prefix_space", true), node.Flag("use_regex", true)));
                break;
            case "Split": steps.Add(Pattern(node)); break;
            case "Digits":
                steps.Add(Runes(Rune.IsNumber, node.Flag("individual_digits", false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous));
                break;
            case "Punctuation":
                steps.Add(Runes(IsPunctuation, node.Optional("behavior") is { } behavior ? SplitBehaviors.Read(behavior) : SplitBehavior.Isolated));
                break;
            default: throw type.Unsupported("Sequence, ByteLevel, Split, Digits, Punctuation");
        }
    }

    private static Step ByteLevel(bool addPrefixSpace, bool useRegex) => (piece, pieces) =>
    {
        var text = addPrefixSpace && piece[0] != ' ' ? $" {piece}" : piece;
        if (!useRegex)
        {
            pieces.Add(ByteAlphabet.Spell(text));
            return;
        }

        foreach (var range in CodePointRegex.Gpt2.Ranges(text)) pieces.Add(ByteAlphabet.Spell(text.AsSpan(range.Start, range.End - range.Start)));
    };

    private static Step Pattern(JsonNode node)
    {
        var regex = CodePointRegex.Read(node.Required("pattern"));
        var behavior = SplitBehaviors.Read(node.Required("behavior"));
        var invert = node.Flag("invert", false);
        return (piece, pieces) =>
        {
            var ranges = regex.Ranges(piece);
            if (invert)
                for (var i = 0; i < ranges.Count; i++) ranges[i] = ranges[i] with { IsMatch = !ranges[i].IsMatch };
            SplitBehaviors.Emit(piece, ranges, behavior, pieces);
        };
    }

    private static Step Runes(Func<Rune, bool> isMatch, SplitBehavior behavior) => (piece, pieces) =>
    {
        var ranges = new List<SplitRange>();
        var at = 0;
        foreach (var rune in piece.EnumerateRunes())
        {
            var end = at + rune.Utf16SequenceLength;
            var match = isMatch(rune);
            if (!match && ranges.Count > 0 && !ranges[^1].IsMatch) ranges[^1] = ranges[^1] with { End = end };
            else ranges.Add(new SplitRange(at, end, match));
            at = end;
        }

        SplitBehaviors.Emit(piece, ranges, behavior, pieces);
    };

    // ASCII punctuation includes the symbols $+<=>^`|~, as in the Hugging Face library.
    private static bool IsPunctuation(Rune rune) => (rune.IsAscii && char.IsBetween((char)rune.Value, '!', '~') &&
        !char.IsAsciiLetterOrDigit((char)rune.Value)) || Rune.IsPunctuation(rune);
}
