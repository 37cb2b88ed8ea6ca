using System.Text;

namespace Studio.Core.Text.Tokenization;

/// <summary>The steps of a pre-tokenizer, one method each.</summary>
internal static class PreTokenizerSteps
{
    /// <summary>Respells words in the byte alphabet, cut by GPT-2's pattern or not at all.</summary>
    public static PreTokenizerStep ByteLevel(bool addPrefixSpace, bool useRegex) => (word, pieces) =>
    {
        var text = addPrefixSpace && !word.Continues && word.Text[0] != ' ' ? $" {word.Text}" : word.Text;
        if (!useRegex)
        {
            pieces.Add(word with { Text = ByteAlphabet.Spell(text) });
            return;
        }

        foreach (var range in CodePointRegex.Gpt2.Ranges(text))
            pieces.Add(word.Part(range.Start, ByteAlphabet.Spell(text.AsSpan(range.Start, range.End - range.Start))));
    };

    /// <summary>Cuts at the matches of a pattern, or at what lies between them.</summary>
    public static PreTokenizerStep Pattern(CodePointRegex regex, SplitBehavior behavior, bool invert) => (word, pieces) =>
    {
        var ranges = regex.Ranges(word.Text);
        if (invert)
            for (var i = 0; i < ranges.Count; i++) ranges[i] = ranges[i] with { IsMatch = !ranges[i].IsMatch };
        SplitBehaviors.Emit(word, ranges, behavior, pieces);
    };

    /// <summary>Cuts at characters of a kind.</summary>
    public static PreTokenizerStep Runes(Func<Rune, bool> isMatch, SplitBehavior behavior) => (word, pieces) =>
    {
        var ranges = new List<SplitRange>();
        var at = 0;
        foreach (var rune in word.Text.EnumerateRunes())
        {
            var end = at + rune.Utf16SequenceLength;
            var match = isMatch(rune);
            if (!match && ranges.Count > 0 && !ranges[^1].IsMatch) ranges[^1] = ranges[^1] with { End = end };
            else ranges.Add(new SplitRange(at, end, match));
            at = end;
        }

        SplitBehaviors.Emit(word, ranges, behavior, pieces);
    };

    /// <summary>Runs of word characters and runs of others; white space goes (<c>\w+|[^\w\s]+</c> of Rust's regex crate).</summary>
    public static void Words(WordPiece word, List<WordPiece> pieces)
    {
        var (at, start, kind) = (0, 0, -1);
        foreach (var rune in word.Text.EnumerateRunes())
        {
            var next = WordCharacters.Contains(rune) ? 1 : Rune.IsWhiteSpace(rune) ? -1 : 0;
            if (next != kind)
            {
                Flush(at);
                (start, kind) = (at, next);
            }

            at += rune.Utf16SequenceLength;
        }

        Flush(at);

        void Flush(int end)
        {
            if (kind >= 0 && end > start) pieces.Add(word.Part(start, word.Text[start..end]));
        }
    }

    /// <summary>Words of so many characters each.</summary>
    public static PreTokenizerStep Fixed(int length) => (word, pieces) =>
    {
        var (at, start, count) = (0, 0, 0);
        foreach (var rune in word.Text.EnumerateRunes())
        {
            at += rune.Utf16SequenceLength;
            if (++count < length && at < word.Text.Length) continue;
            pieces.Add(word.Part(start, word.Text[start..at]));
            (start, count) = (at, 0);
        }
    };

    /// <summary>Punctuation; in ASCII also the symbols $+&lt;=&gt;^`|~, as in the Hugging Face library.</summary>
    public static bool IsPunctuation(Rune rune) => (rune.IsAscii && char.IsBetween((char)rune.Value, '!', '~') &&
        !char.IsAsciiLetterOrDigit((char)rune.Value)) || Rune.IsPunctuation(rune);
}
