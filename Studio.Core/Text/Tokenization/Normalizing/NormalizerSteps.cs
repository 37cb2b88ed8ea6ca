using System.Globalization;
using System.Text;

namespace Studio.Core.Text.Tokenization;

/// <summary>The steps of a normalizer, one method each.</summary>
internal static class NormalizerSteps
{
    public static NormalizedText Prepend(NormalizedText text, string prefix) => text.Text.Length == 0 || text.Continues
        ? text
        : new NormalizedText(prefix + text.Text, text.FromStart == 0 ? 0 : text.FromStart + prefix.Length);

    public static NormalizedText Strip(NormalizedText text, bool left, bool right)
    {
        var kept = left && !text.Continues ? text.Text.TrimStart() : text.Text;
        var fromStart = Math.Max(0, text.FromStart - (text.Text.Length - kept.Length));
        return text with { Text = right ? kept.TrimEnd() : kept, FromStart = fromStart };
    }

    public static NormalizedText Replace(NormalizedText text, CodePointRegex pattern, string content, int limit)
    {
        if (text.Text.Length == 0) return text;
        var ranges = pattern.Ranges(text.Text);
        if (!ranges.Exists(range => range.IsMatch)) return text;
        var result = new StringBuilder(text.Text.Length);
        var fromStart = 0;
        foreach (var range in ranges)
        {
            // A replacement counts as coming from the last character that it replaces.
            var start = range.IsMatch ? Math.Max(range.Start, range.End - 1) : range.Start;
            if (start < text.FromStart) fromStart = result.Length + (range.IsMatch ? content.Length : Math.Min(range.End, text.FromStart) - range.Start);
            if (range.IsMatch) result.Append(content);
            else result.Append(text.Text, range.Start, range.End - range.Start);
            if (result.Length > limit) throw TextNormalizer.TooLong(limit);
        }

        return text with { Text = result.ToString(), FromStart = fromStart };
    }

    // Rust lowers character by character: no final sigma; U+0130 is the one character whose lower case has two characters.
    public static NormalizedText Lower(NormalizedText text)
    {
        if (Ascii.IsValid(text.Text)) return text with { Text = text.Text.ToLowerInvariant() };
        var result = new StringBuilder(text.Text.Length);
        foreach (var rune in text.Text.EnumerateRunes())
            if (rune.Value == 0x130) result.Append("i\u0307");
            else result.Append(Rune.ToLowerInvariant(rune).ToString());
        return text with { Text = result.ToString() };
    }

    public static NormalizedText Where(NormalizedText text, Func<Rune, bool> keep)
    {
        var result = new StringBuilder(text.Text.Length);
        var (at, fromStart) = (0, 0);
        foreach (var rune in text.Text.EnumerateRunes())
        {
            if (keep(rune))
            {
                result.Append(rune.ToString());
                if (at < text.FromStart) fromStart = result.Length;
            }

            at += rune.Utf16SequenceLength;
        }

        return text with { Text = result.ToString(), FromStart = fromStart };
    }

    public static bool IsNotAccent(Rune rune) => Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark;

    /// <summary>SentencePiece's clean-up for machine translation: control characters go, odd spaces become spaces.</summary>
    public static NormalizedText Nmt(NormalizedText text)
    {
        var kept = Where(text, rune => rune.Value is not ((>= 0x01 and <= 0x08) or 0x0B or (>= 0x0E and <= 0x1F) or 0x7F or 0x8F or 0x9F));
        return kept with
        {
            Text = string.Create(kept.Text.Length, kept.Text, static (span, source) =>
            {
                for (var i = 0; i < span.Length; i++)
                    span[i] = source[i] is '\t' or '\n' or '\f' or '\r' or '\u1680' or (>= '\u200B' and <= '\u200F') or '\u2028' or '\u2029' or '\u2581' or '\uFEFF' or '\uFFFD'
                        ? ' '
                        : source[i];
            }),
        };
    }
}
