using System.Collections.Frozen;
using System.Text;
using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Formatting;

/// <summary>Python's upper, lower, title and capitalize: the full case mappings of Unicode (SpecialCasing.txt), which .NET does not have.</summary>
internal static class CaseMapping
{
    private static readonly FrozenDictionary<char, string> FullUpper = Table(
        "\u00df=SS \u0149=\u02bcN \u01f0=J\u030c \u0390=\u0399\u0308\u0301 \u03b0=\u03a5\u0308\u0301 \u0587=\u0535\u0552 " +
        "\u1e96=H\u0331 \u1e97=T\u0308 \u1e98=W\u030a \u1e99=Y\u030a \u1e9a=A\u02be \u1f50=\u03a5\u0313 \u1f52=\u03a5\u0313\u0300 " +
        "\u1f54=\u03a5\u0313\u0301 \u1f56=\u03a5\u0313\u0342 \u1f80=\u1f08\u0399 \u1f81=\u1f09\u0399 \u1f82=\u1f0a\u0399 " +
        "\u1f83=\u1f0b\u0399 \u1f84=\u1f0c\u0399 \u1f85=\u1f0d\u0399 \u1f86=\u1f0e\u0399 \u1f87=\u1f0f\u0399 \u1f88=\u1f08\u0399 " +
        "\u1f89=\u1f09\u0399 \u1f8a=\u1f0a\u0399 \u1f8b=\u1f0b\u0399 \u1f8c=\u1f0c\u0399 \u1f8d=\u1f0d\u0399 \u1f8e=\u1f0e\u0399 " +
        "\u1f8f=\u1f0f\u0399 \u1f90=\u1f28\u0399 \u1f91=\u1f29\u0399 \u1f92=\u1f2a\u0399 \u1f93=\u1f2b\u0399 \u1f94=\u1f2c\u0399 " +
        "\u1f95=\u1f2d\u0399 \u1f96=\u1f2e\u0399 \u1f97=\u1f2f\u0399 \u1f98=\u1f28\u0399 \u1f99=\u1f29\u0399 \u1f9a=\u1f2a\u0399 " +
        "\u1f9b=\u1f2b\u0399 \u1f9c=\u1f2c\u0399 \u1f9d=\u1f2d\u0399 \u1f9e=\u1f2e\u0399 \u1f9f=\u1f2f\u0399 \u1fa0=\u1f68\u0399 " +
        "\u1fa1=\u1f69\u0399 \u1fa2=\u1f6a\u0399 \u1fa3=\u1f6b\u0399 \u1fa4=\u1f6c\u0399 \u1fa5=\u1f6d\u0399 \u1fa6=\u1f6e\u0399 " +
        "\u1fa7=\u1f6f\u0399 \u1fa8=\u1f68\u0399 \u1fa9=\u1f69\u0399 \u1faa=\u1f6a\u0399 \u1fab=\u1f6b\u0399 \u1fac=\u1f6c\u0399 " +
        "\u1fad=\u1f6d\u0399 \u1fae=\u1f6e\u0399 \u1faf=\u1f6f\u0399 \u1fb2=\u1fba\u0399 \u1fb3=\u0391\u0399 \u1fb4=\u0386\u0399 " +
        "\u1fb6=\u0391\u0342 \u1fb7=\u0391\u0342\u0399 \u1fbc=\u0391\u0399 \u1fc2=\u1fca\u0399 \u1fc3=\u0397\u0399 \u1fc4=\u0389\u0399 " +
        "\u1fc6=\u0397\u0342 \u1fc7=\u0397\u0342\u0399 \u1fcc=\u0397\u0399 \u1fd2=\u0399\u0308\u0300 \u1fd3=\u0399\u0308\u0301 " +
        "\u1fd6=\u0399\u0342 \u1fd7=\u0399\u0308\u0342 \u1fe2=\u03a5\u0308\u0300 \u1fe3=\u03a5\u0308\u0301 \u1fe4=\u03a1\u0313 " +
        "\u1fe6=\u03a5\u0342 \u1fe7=\u03a5\u0308\u0342 \u1ff2=\u1ffa\u0399 \u1ff3=\u03a9\u0399 \u1ff4=\u038f\u0399 \u1ff6=\u03a9\u0342 " +
        "\u1ff7=\u03a9\u0342\u0399 \u1ffc=\u03a9\u0399 \ufb00=FF \ufb01=FI \ufb02=FL \ufb03=FFI \ufb04=FFL \ufb05=ST \ufb06=ST " +
        "\ufb13=\u0544\u0546 \ufb14=\u0544\u0535 \ufb15=\u0544\u053b \ufb16=\u054e\u0546 \ufb17=\u0544\u053d ");

    private static readonly FrozenDictionary<char, string> FullTitle = Table(
        "\u00df=Ss \u01c4=\u01c5 \u01c5=\u01c5 \u01c6=\u01c5 \u01c7=\u01c8 \u01c8=\u01c8 \u01c9=\u01c8 \u01ca=\u01cb \u01cb=\u01cb " +
        "\u01cc=\u01cb \u01f1=\u01f2 \u01f2=\u01f2 \u01f3=\u01f2 \u0587=\u0535\u0582 \u1f80=\u1f88 \u1f81=\u1f89 \u1f82=\u1f8a " +
        "\u1f83=\u1f8b \u1f84=\u1f8c \u1f85=\u1f8d \u1f86=\u1f8e \u1f87=\u1f8f \u1f88=\u1f88 \u1f89=\u1f89 \u1f8a=\u1f8a \u1f8b=\u1f8b " +
        "\u1f8c=\u1f8c \u1f8d=\u1f8d \u1f8e=\u1f8e \u1f8f=\u1f8f \u1f90=\u1f98 \u1f91=\u1f99 \u1f92=\u1f9a \u1f93=\u1f9b \u1f94=\u1f9c " +
        "\u1f95=\u1f9d \u1f96=\u1f9e \u1f97=\u1f9f \u1f98=\u1f98 \u1f99=\u1f99 \u1f9a=\u1f9a \u1f9b=\u1f9b \u1f9c=\u1f9c \u1f9d=\u1f9d " +
        "\u1f9e=\u1f9e \u1f9f=\u1f9f \u1fa0=\u1fa8 \u1fa1=\u1fa9 \u1fa2=\u1faa \u1fa3=\u1fab \u1fa4=\u1fac \u1fa5=\u1fad \u1fa6=\u1fae " +
        "\u1fa7=\u1faf \u1fa8=\u1fa8 \u1fa9=\u1fa9 \u1faa=\u1faa \u1fab=\u1fab \u1fac=\u1fac \u1fad=\u1fad \u1fae=\u1fae \u1faf=\u1faf " +
        "\u1fb2=\u1fba\u0345 \u1fb3=\u1fbc \u1fb4=\u0386\u0345 \u1fb7=\u0391\u0342\u0345 \u1fbc=\u1fbc \u1fc2=\u1fca\u0345 " +
        "\u1fc3=\u1fcc \u1fc4=\u0389\u0345 \u1fc7=\u0397\u0342\u0345 \u1fcc=\u1fcc \u1ff2=\u1ffa\u0345 \u1ff3=\u1ffc " +
        "\u1ff4=\u038f\u0345 \u1ff7=\u03a9\u0342\u0345 \u1ffc=\u1ffc \ufb00=Ff \ufb01=Fi \ufb02=Fl \ufb03=Ffi \ufb04=Ffl \ufb05=St " +
        "\ufb06=St \ufb13=\u0544\u0576 \ufb14=\u0544\u0565 \ufb15=\u0544\u056b \ufb16=\u054e\u0576 \ufb17=\u0544\u056d ");

    public static string Upper(string text) => Map(text, static (text, at, point) => UpperOf(point));

    public static string Lower(string text) => Map(text, LowerOf);

    public static string Capitalize(string text)
    {
        if (text.Length == 0) return text;
        return TitleOf(CodePoints.At(text, 0)) + Lower(text)[LowerOf(text, 0, CodePoints.At(text, 0)).Length..];
    }

    /// <summary>Each run of letters with its first in title case.</summary>
    public static string Title(string text)
    {
        bool inside = false;
        return Map(text, (all, at, point) =>
        {
            string mapped = inside ? LowerOf(all, at, point) : TitleOf(point);
            inside = IsCased(point);
            return mapped;
        });
    }

    public static string SwapCase(string text) =>
        Map(text, (all, at, point) => IsUpper(point) ? LowerOf(all, at, point) : IsLower(point) ? UpperOf(point) : CodePoints.Text(point));

    /// <summary>casefold: as lower, with the full foldings that differ from it.</summary>
    public static string Fold(string text) => Map(text, (all, at, point) => point switch
    {
        0x3c2 => "\u03c3",
        0x17f => "s",
        0x1e9e => "ss",
        _ when FullUpper.TryGetValue((char)Math.Min(point, 0xffff), out string? upper) && point <= 0xffff => Lower(upper),
        _ => LowerOf(point),
    });

    public static bool IsUpper(int point) => CodePoints.Category(point) == System.Globalization.UnicodeCategory.UppercaseLetter ||
        point is >= 0x2160 and <= 0x216f or >= 0x24b6 and <= 0x24cf or >= 0x1f130 and <= 0x1f149 or >= 0x1f150 and <= 0x1f169 or >= 0x1f170 and <= 0x1f189;

    public static bool IsLower(int point) => CodePoints.Category(point) == System.Globalization.UnicodeCategory.LowercaseLetter ||
        point is 0xaa or 0xba or >= 0x2b0 and <= 0x2b8 or 0x2c0 or 0x2c1 or >= 0x2e0 and <= 0x2e4 or 0x345 or 0x37a or >= 0x1d2c and <= 0x1d6a or 0x1d78
            or >= 0x1d9b and <= 0x1dbf or 0x2071 or 0x207f or >= 0x2090 and <= 0x209c or >= 0x2170 and <= 0x217f or >= 0x24d0 and <= 0x24e9;

    public static bool IsCased(int point) => IsUpper(point) || IsLower(point) || CodePoints.Category(point) == System.Globalization.UnicodeCategory.TitlecaseLetter;

    private static string Map(string text, Func<string, int, int, string> map)
    {
        var output = new StringBuilder(text.Length);
        for (int at = 0, width; at < text.Length; at += width)
        {
            width = CodePoints.Width(text, at);
            output.Append(map(text, at, CodePoints.At(text, at)));
        }

        return output.ToString();
    }

    private static string UpperOf(int point) => point switch
    {
        'i' => "I",
        0x131 => "I",
        0x17f => "S",
        0x1e9e => "\u1e9e",
        _ when point <= 0xffff && FullUpper.TryGetValue((char)point, out string? full) => full,
        _ => Simple(point, upper: true),
    };

    private static string TitleOf(int point) => point <= 0xffff && FullTitle.TryGetValue((char)point, out string? title) ? title
        : point is >= 0x10d0 and <= 0x10ff ? CodePoints.Text(point) : UpperOf(point);

    private static string LowerOf(int point) => point switch
    {
        0x130 => "i\u0307",
        0x212a => "k",
        0x212b => "\u00e5",
        0x2126 => "\u03c9",
        _ => Simple(point, upper: false),
    };

    private static string LowerOf(string text, int at, int point) => point == 0x3a3 && IsFinal(text, at) ? "\u03c2" : LowerOf(point);

    /// <summary>A sigma after a letter and before none is written in its final form.</summary>
    private static bool IsFinal(string text, int at)
    {
        int before = at - 1, after = at + 1;
        while (before >= 0 && IsIgnorable(text, before)) before--;
        while (after < text.Length && IsIgnorable(text, after)) after++;
        return before >= 0 && IsCased(PointEndingAt(text, before)) && (after >= text.Length || !IsCased(CodePoints.At(text, after)));
    }

    private static int PointEndingAt(string text, int at) =>
        at > 0 && char.IsSurrogatePair(text[at - 1], text[at]) ? char.ConvertToUtf32(text[at - 1], text[at]) : text[at];

    private static bool IsIgnorable(string text, int at) => text[at] is '\'' or '.' or ':' or '^' or '`' or '\u00b7' or '\u2019' or '\u2018' or '\u2024' or '\u2027' ||
        CodePoints.Category(text[at]) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.EnclosingMark
            or System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.ModifierSymbol;

    private static string Simple(int point, bool upper)
    {
        if (point is >= 0xd800 and <= 0xdfff) return ((char)point).ToString();
        var rune = new Rune(point);
        return (upper ? Rune.ToUpperInvariant(rune) : Rune.ToLowerInvariant(rune)).ToString();
    }

    private static FrozenDictionary<char, string> Table(string rows) =>
        rows.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToFrozenDictionary(row => row[0], row => row[2..]);
}
