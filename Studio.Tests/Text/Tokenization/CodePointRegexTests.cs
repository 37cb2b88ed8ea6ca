using System.Text.Json;
using Studio.Core.Text.Tokenization;

namespace Studio.Tests.Text.Tokenization;

/// <summary>Expected pieces follow Oniguruma's rules for Ruby syntax (its doc/RE), which the Hugging Face library uses.</summary>
public sealed class CodePointRegexTests
{
    [Theory]
    [InlineData(@"\p{L}+", "a𝓗b1", "[a𝓗b]1")]
    [InlineData(@"[^\s\p{L}]", "😀x", "[😀]x")]
    [InlineData(@".", "😀é", "[😀][é]")]
    [InlineData(@"[一-龥]+", "中𠀀文", "[中]𠀀[文]")]
    [InlineData(@"\p{Lu}", "𐐀a", "[𐐀]a")]
    [InlineData(@"a++b", "aab", "[aab]")]
    [InlineData(@"a?+ab", "aab ab", "[aab] ab")]
    [InlineData(@"(?:ab)*+c", "ababc", "[ababc]")]
    [InlineData(@"[^(\s|[.,])]+", "ab(c.d e", "[ab]([c].[d] [e]")]
    [InlineData(@"[a-]+", "a-b", "[a-]b")]
    [InlineData(@"(?i:'s|'ll)", "x'S y'Ll z's", "x['S] y['Ll] z['s]")]
    [InlineData("(?i:'s)", "x'\u017F", "x['\u017F]")]
    [InlineData("(?i:'[sdmt])", "x'\u017F", "x['\u017F]")]
    [InlineData("(?i:a)'s", "A'\u017F a's", "A'\u017F [a's]")]
    [InlineData(@"\s+$", "a \nb  ", "a[ ]\nb[  ]")]
    [InlineData(@"^b", "a\nb", "a\n[b]")]
    [InlineData(@"\w+", "aा_9½", "[aा_9]½")]
    [InlineData(@"\u0061|\x62", "abc", "[a][b]c")]
    [InlineData(@"x*", "axxb", "a[xx]b")]
    public void Ranges_Regex_FollowsOniguruma(string pattern, string text, string expected) => Assert.Equal(expected, Marked(Json(pattern, "Regex"), text));

    [Theory]
    [InlineData(".", "a.b", "a[.]b")]
    [InlineData("[x", "a[xb", "a[[x]b")]
    public void Ranges_String_IsTakenLiterally(string pattern, string text, string expected) => Assert.Equal(expected, Marked(Json(pattern, "String"), text));

    [Theory]
    [InlineData(@"\h")]
    [InlineData(@"\R")]
    [InlineData(@"(a)\1")]
    [InlineData(@"\p{Han}")]
    [InlineData(@"\p{^L}")]
    [InlineData("[[:alpha:]]")]
    [InlineData("[a&&b]")]
    [InlineData("[a[^b]]")]
    [InlineData("(?m:a)")]
    [InlineData("(?<n>a)")]
    [InlineData("a{,3}")]
    [InlineData("[]a]")]
    [InlineData("[𐐀-𐐧]")]
    [InlineData(@"\bword\b")]
    public void Read_ConstructOfOtherMeaningInDotNet_IsRefused(string pattern) =>
        Assert.Throws<NotSupportedException>(() => CodePointRegex.Read(Json(pattern, "Regex")));

    [Theory]
    [InlineData("(a")]
    [InlineData("*a")]
    [InlineData("a)")]
    [InlineData("a{2}{3}+")]
    public void Read_BrokenPattern_IsRefused(string pattern) =>
        Assert.True(Record.Exception(() => CodePointRegex.Read(Json(pattern, "Regex"))) is InvalidDataException or NotSupportedException);

    private static JsonNode Json(string pattern, string kind)
    {
        using var document = JsonDocument.Parse(JsonSerializer.Serialize(new Dictionary<string, string> { [kind] = pattern }));
        return new JsonNode(document.RootElement.Clone(), "pattern");
    }

    /// <summary>The text with its non-empty matches in brackets.</summary>
    private static string Marked(JsonNode pattern, string text) => string.Concat(CodePointRegex.Read(pattern).Ranges(text)
        .Select(range => (range.IsMatch, Text: text[range.Start..range.End])).Where(range => range.Text.Length > 0)
        .Select(range => range.IsMatch ? $"[{range.Text}]" : range.Text));
}
