using System.Globalization;

namespace Studio.Core.Text.Jinja.Values;

/// <summary>Python's view of a text: a sequence of code points, where a lone surrogate is one.</summary>
internal static class CodePoints
{
    public static int Count(string text)
    {
        int count = text.Length;
        for (int i = text.AsSpan().IndexOfAnyInRange('\ud800', '\udbff'); i >= 0 && i + 1 < text.Length; i++)
            if (char.IsSurrogatePair(text[i], text[i + 1])) count--;
        return count;
    }

    /// <summary>The UTF-16 position of a code point position; positions beyond the end are the end.</summary>
    public static int Offset(JinjaText text, int position)
    {
        if (text.IsFlat) return Math.Clamp(position, 0, text.Value.Length);
        int at = 0;
        for (int i = 0; i < position && at < text.Value.Length; i++) at += Width(text.Value, at);
        return at;
    }

    /// <summary>The code point position of a UTF-16 position.</summary>
    public static int Position(JinjaText text, int offset) => text.IsFlat ? offset : Count(text.Value[..offset]);

    /// <summary>How many UTF-16 units the code point at a position takes.</summary>
    public static int Width(string text, int at) => at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;

    /// <summary>The code point at a position; a lone surrogate as itself.</summary>
    public static int At(string text, int at) => Width(text, at) == 2 ? char.ConvertToUtf32(text[at], text[at + 1]) : text[at];

    public static IEnumerable<JinjaText> Split(JinjaText text)
    {
        for (int at = 0, width; at < text.Value.Length; at += width)
        {
            width = Width(text.Value, at);
            yield return text.Slice(at, at + width).Plain();
        }
    }

    public static UnicodeCategory Category(int point) =>
        point <= 0xffff ? CharUnicodeInfo.GetUnicodeCategory((char)point) : CharUnicodeInfo.GetUnicodeCategory(point);

    public static string Text(int point) => point <= 0xffff ? ((char)point).ToString() : char.ConvertFromUtf32(point);

    /// <summary>str.isspace of one character, which is also what <c>\s</c> matches and strip() removes.</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    /// <summary>str.isprintable of one character.</summary>
    public static bool IsPrintable(int point) => point == ' ' || Category(point) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);

    /// <summary>A character that <c>\w</c> matches.</summary>
    public static bool IsWord(int point) => point == '_' || Category(point) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter
        or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber
        or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    public static int Compare(string first, string second)
    {
        int length = Math.Min(first.Length, second.Length);
        for (int i = 0; i < length; i++)
        {
            char a = first[i], b = second[i];
            if (a == b) continue;
            // Surrogates stand for code points above U+FFFF.
            bool high = char.IsSurrogate(a), other = char.IsSurrogate(b);
            return high == other ? a - b : high ? 1 : -1;
        }

        return first.Length - second.Length;
    }
}
