using System.Text;
using Studio.Core.Text;

namespace Studio.Tests.Text.Tokenization;

/// <summary>
/// Normalizers, pre-tokenizers and decoders one by one. The model is a BPE of single characters with whole words kept, so tokens show the words.
/// Expected values follow the Hugging Face tokenizers library, by hand.
/// </summary>
public sealed class TokenStepTests
{
    [Theory]
    [InlineData("""{"type":"Strip"}""", "  a b ", "a b")]
    [InlineData("""{"type":"Strip","strip_left":false,"strip_right":true}""", "  a ", "  a")]
    [InlineData("""{"type":"StripAccents"}""", "e\u0301a\u0308é", "eaé")]
    [InlineData("""{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"StripAccents"}]}""", "é", "e")]
    [InlineData("""{"type":"NFKC"}""", "ﬁ²", "fi2")]
    [InlineData("""{"type":"Lowercase"}""", "AΣİ𐐀", "aσi\u0307𐐨")]
    [InlineData("""{"type":"Prepend","prepend":"_"}""", "ab", "_ab")]
    [InlineData("""{"type":"Replace","pattern":{"String":"ab"},"content":"c"}""", "aabab", "acc")]
    [InlineData("""{"type":"Replace","pattern":{"Regex":" {2,}"},"content":"_"}""", "a  b c   ", "a_b c_")]
    [InlineData("""{"type":"Replace","pattern":{"Regex":"x*"},"content":"-"}""", "axxb", "-a-b-")]
    [InlineData("""{"type":"Nmt"}""", "a\u0001b\tc\u200Bd\u007F", "ab c d")]
    [InlineData("""{"type":"ByteLevel"}""", "é a", "Ã©Ġa")]
    public void Normalizer_Text_IsRewritten(string normalizer, string text, string expected) =>
        Assert.Equal(expected, Joined($$"""{"normalizer":{{normalizer}}}""", text, ""));

    [Theory]
    [InlineData("""{"type":"Metaspace","replacement":"_"}""", "a b  c", "_a|_b|_|_c")]
    [InlineData("""{"type":"Metaspace","replacement":"_","split":false}""", "a b", "_a_b")]
    [InlineData("""{"type":"Metaspace","replacement":"_","add_prefix_space":false}""", "a b", "a|_b")]
    [InlineData("""{"type":"Metaspace","replacement":"_","prepend_scheme":"never"}""", " a", "_a")]
    [InlineData("""{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace","replacement":"_","prepend_scheme":"first"}]}""", "a b", "_a|b")]
    [InlineData("""{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace","replacement":"_"}]}""", " a  b ", "_a|_b")]
    [InlineData("""{"type":"Whitespace"}""", "it's a.b…", "it|'|s|a|.|b|…")]
    [InlineData("""{"type":"BertPreTokenizer"}""", "it's a.b", "it|'|s|a|.|b")]
    [InlineData("""{"type":"Punctuation"}""", "a..b$", "a|.|.|b|$")]
    [InlineData("""{"type":"Punctuation","behavior":"MergedWithPrevious"}""", "a..b", "a.|.|b")]
    [InlineData("""{"type":"Punctuation","behavior":"MergedWithNext"}""", "a..b", "a|.|.b")]
    [InlineData("""{"type":"Punctuation","behavior":"Contiguous"}""", "a..b", "a|..|b")]
    [InlineData("""{"type":"Punctuation","behavior":"Removed"}""", "a..b", "a|b")]
    [InlineData("""{"type":"Digits","individual_digits":false}""", "a12b½", "a|12|b|½")]
    [InlineData("""{"type":"Digits","individual_digits":true}""", "a12", "a|1|2")]
    [InlineData("""{"type":"CharDelimiterSplit","delimiter":"-"}""", "a--b-", "a|b")]
    [InlineData("""{"type":"FixedLength","length":2}""", "ab😀cd", "ab|😀c|d")]
    [InlineData("""{"type":"Split","pattern":{"String":"b"},"behavior":"Removed","invert":true}""", "abcb", "b|b")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"\\s+$"},"behavior":"Isolated","invert":false}""", "a  b \nc  ", "a  b| |\nc|  ")]
    public void PreTokenizer_Text_IsCut(string preTokenizer, string text, string expected) =>
        Assert.Equal(expected, Joined($$"""{"pre_tokenizer":{{preTokenizer}}}""", text, "|"));

    [Fact]
    public void Metaspace_FirstScheme_MarksOnlyTheStartOfTheInput()
    {
        const string members = """{"added_tokens":[{"id":2,"content":"<s>","normalized":false,"special":true}],"pre_tokenizer":{"type":"Metaspace","replacement":"_","prepend_scheme":"first","split":false}}""";
        var tokenizer = MicroTokenizer.Load(MicroTokenizer.Bpe(["_", "a"], []), members);
        Assert.Equal("_|a", tokenizer.Spell("a"));
        Assert.Equal("<s>|a", tokenizer.Spell("<s>a"));
        Assert.Equal("_|a|<s>|a|_|a", tokenizer.Spell("a<s>a a"));
    }

    [Fact]
    public void Metaspace_FirstSchemeAfterStrip_KnowsThatTheStartIsGone()
    {
        const string members = """{"normalizer":{"type":"Strip"},"pre_tokenizer":{"type":"Metaspace","replacement":"_","prepend_scheme":"first","split":false}}""";
        var tokenizer = MicroTokenizer.Load(MicroTokenizer.Bpe(["_", "a"], []), members);
        Assert.Equal("_|a", tokenizer.Spell("a "));
        Assert.Equal("a", tokenizer.Spell(" a"));
    }

    [Theory]
    [InlineData("null", "a b <0x41>")]
    [InlineData("""{"type":"Fuse"}""", "ab<0x41>")]
    [InlineData("""{"type":"ByteFallback"}""", "abA")]
    [InlineData("""{"type":"WordPiece","prefix":"b","cleanup":false}""", "a <0x41>")]
    [InlineData("""{"type":"BPEDecoder","suffix":"b"}""", "a <0x41>")]
    [InlineData("""{"type":"BPEDecoder","suffix":">"}""", "ab<0x41")]
    [InlineData("""{"type":"CTC","pad_token":"a","word_delimiter_token":"b","cleanup":true}""", " <0x41>")]
    [InlineData("""{"type":"Sequence","decoders":[{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":"a","start":1,"stop":0}]}""", "bA")]
    [InlineData("""{"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"Replace","pattern":{"String":"b<0x"},"content":"-"}]}""", "a-41>")]
    public void Decoder_Tokens_BecomeText(string decoder, string expected)
    {
        var tokenizer = MicroTokenizer.Load(MicroTokenizer.Bpe(["a", "b", "<0x41>"], []), $$"""{"decoder":{{decoder}}}""");
        Assert.Equal(expected, tokenizer.Decode([0, 1, 2], false));
        var stream = new StreamingDecoder(tokenizer);
        Assert.Equal(expected, string.Concat(new[] { 0, 1, 2 }.Select(stream.Push)) + stream.Flush());
    }

    [Theory]
    [InlineData(2, 0, "xxaxx", "axx")]
    [InlineData(1, 1, "xxaxx", "xax")]
    [InlineData(0, 3, "xxaxx", "xxa")]
    [InlineData(5, 5, "xxaxx", "a")]
    [InlineData(1, 0, "xxx", "xx")]
    [InlineData(0, 2, "xxx", "x")]
    [InlineData(3, 0, "axx", "axx")]
    public void Strip_JoinedText_LosesItsEnds(int start, int stop, string text, string expected)
    {
        var decoder = $$"""{"decoder":{"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"Strip","content":"x","start":{{start}},"stop":{{stop}} } ] } }""";
        var tokenizer = MicroTokenizer.Load(MicroTokenizer.Bpe(["a", "x"], []), decoder);
        Assert.Equal(expected, tokenizer.Decode(tokenizer.Encode(text, false), false));
    }

    [Fact]
    public void Metaspace_Decoder_DropsTheMarkOfTheFirstTokenOnly()
    {
        var tokenizer = MicroTokenizer.Load(MicroTokenizer.Bpe(["_a", "_", "b"], []), """{"decoder":{"type":"Metaspace","replacement":"_"}}""");
        Assert.Equal("a a b", tokenizer.DecodeTokens("_a", "_a", "_", "b"));
        Assert.Equal("b a", tokenizer.DecodeTokens("b", "_a"));
    }

    [Fact]
    public void PostProcessors_OfEveryKind_FrameTheText()
    {
        string Framed(string processor) => MicroTokenizer.Load(MicroTokenizer.Bpe(["a", "[", "]"], []), $$"""{"post_processor":{{processor}}}""").Spell("a", true);
        Assert.Equal("[|a|]", Framed("""{"type":"BertProcessing","cls":["[",1],"sep":["]",2]}"""));
        Assert.Equal("[|a|]", Framed("""{"type":"RobertaProcessing","cls":["[",1],"sep":["]",2],"trim_offsets":true,"add_prefix_space":false}"""));
        Assert.Equal("[|[|a|]", Framed("""
            {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"s","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"e","type_id":0}}],
             "special_tokens":{"s":{"id":"s","ids":[1,1],"tokens":["[","["]},"e":{"id":"e","ids":[2],"tokens":["]"]}}}
            """));
    }

    [Theory]
    [InlineData("a b .", "a b.")]
    [InlineData("do n't , I 'm ' x ' he 's", "don't, I'm'x'he's")]
    public void CleanUpSpaces_Text_LosesSpacesBeforePunctuation(string text, string expected) => Assert.Equal(expected, TextTokenizer.CleanUpSpaces(text));

    [Fact]
    public void Decode_NormalizedToken_ShowsTheFormThatWasMatched()
    {
        const string members = """{"normalizer":{"type":"Lowercase"},"decoder":{"type":"Fuse"},"added_tokens":[{"id":1,"content":"[UP]","normalized":true}]}""";
        var tokenizer = MicroTokenizer.Load(MicroTokenizer.Bpe(["a"], []), members);
        Assert.Equal("a|[UP]|a", tokenizer.Spell("a[Up]a"));
        Assert.Equal("a[up]a", tokenizer.Decode(tokenizer.Encode("a[UP]a", false), false));
    }

    [Fact]
    public void Encode_NormalizerThatMultiplies_EndsWithAnError()
    {
        var growing = string.Join(",", Enumerable.Repeat("""{"type":"Replace","pattern":{"String":"a"},"content":"aaaaaaaaaa"}""", 12));
        var tokenizer = MicroTokenizer.Load(MicroTokenizer.Bpe(["a"], []), $$"""{"normalizer":{"type":"Sequence","normalizers":[{{growing}}] } }""");
        Assert.Contains("normalizer", Assert.Throws<InvalidDataException>(() => tokenizer.Encode("a", false)).Message, StringComparison.Ordinal);
    }

    /// <summary>The words that reach the model, joined; its vocabulary has every character, and words are put together from them again.</summary>
    private static string Joined(string members, string text, string separator)
    {
        var seen = new List<string>();
        var normalizer = Studio.Core.Text.Tokenization.TextNormalizer.Read(Member(members, "normalizer"));
        var preTokenizer = Studio.Core.Text.Tokenization.PreTokenizer.Read(Member(members, "pre_tokenizer"));
        var (normalized, fromStart, _) = normalizer.Apply(new Studio.Core.Text.Tokenization.NormalizedText(text, 1));
        if (normalized.Length > 0)
            seen.AddRange(preTokenizer.Split(new Studio.Core.Text.Tokenization.WordPiece(normalized, fromStart > 0)).Select(word => word.Text));
        Assert.All(seen, word => Assert.Equal(word, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(word))));
        return string.Join(separator, seen);
    }

    private static Studio.Core.Text.Tokenization.JsonNode? Member(string members, string name)
    {
        using var document = System.Text.Json.JsonDocument.Parse(members);
        return new Studio.Core.Text.Tokenization.JsonNode(document.RootElement.Clone(), "tokenizer.json").Optional(name);
    }
}
