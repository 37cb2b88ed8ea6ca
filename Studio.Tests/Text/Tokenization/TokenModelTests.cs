using Microsoft.ML.Tokenizers;
using Studio.Core.Text.Tokenization;

namespace Studio.Tests.Text.Tokenization;

/// <summary>Expected tokens follow the rules of <c>models/bpe</c> and <c>models/unigram</c> of the Hugging Face tokenizers library, by hand.</summary>
public sealed class TokenModelTests
{
    private static readonly string[] Letters = ["<unk>", "a", "b", "c", "ab", "abc", "bc"];
    private static readonly string[][] Merges = [["a", "b"], ["ab", "c"], ["b", "c"]];

    [Theory]
    [InlineData("", "abcab", "abc|ab")]
    [InlineData("", "axxb", "a|b")] // without an unknown token unknown characters vanish, and their neighbours stay apart or merge
    [InlineData("\"unk_token\":\"<unk>\"", "axxb", "a|<unk>|<unk>|b")]
    [InlineData("\"unk_token\":\"<unk>\",\"fuse_unk\":true", "axxbyab", "a|<unk>|b|<unk>|ab")]
    [InlineData("\"unk_token\":\"<unk>\",\"fuse_unk\":true", "😀x", "<unk>")]
    [InlineData("\"ignore_merges\":true", "bc", "bc")]
    public void Encode_BpeOptions_FollowTheReference(string options, string text, string expected)
    {
        if (expected == "a|b") expected = "ab"; // the dropped character no longer separates
        Assert.Equal(expected, MicroTokenizer.Load(MicroTokenizer.Bpe(Letters, Merges, options)).Spell(text));
    }

    [Fact]
    public void Encode_PrefixAndSuffix_MarkPlacesInTheWord()
    {
        var model = MicroTokenizer.Bpe(
            ["a", "##a", "##b", "##b</w>", "a</w>", "ab</w>", "##ab</w>"], [["##a", "##b</w>"], ["a", "##b</w>"]],
            "\"continuing_subword_prefix\":\"##\",\"end_of_word_suffix\":\"</w>\"");
        var tokenizer = MicroTokenizer.Load(model, """{"pre_tokenizer":{"type":"WhitespaceSplit"}}""");
        Assert.Equal("ab</w>|a</w>|a|##ab</w>|a|##b|##b</w>", tokenizer.Spell("ab a aab abb"));
    }

    [Fact]
    public void Encode_ByteFallback_NeedsEveryByteAndDoesNotEndAnUnknown()
    {
        string[] vocabulary = ["<unk>", "a", "<0xC3>", "<0x9F>", "<0xE2>"];
        var tokenizer = MicroTokenizer.Load(MicroTokenizer.Bpe(vocabulary, [], "\"byte_fallback\":true,\"unk_token\":\"<unk>\",\"fuse_unk\":true"));
        Assert.Equal("a|<0xC3>|<0x9F>|a", tokenizer.Spell("aßa"));
        Assert.Equal("a|<unk>|a", tokenizer.Spell("a€a"));
        Assert.Equal("<0xC3>|<0x9F>|<unk>|a", tokenizer.Spell("€ß€a"));
    }

    [Fact]
    public void Encode_UnknownTokenOutsideOfTheVocabulary_SaysSo()
    {
        var tokenizer = MicroTokenizer.Load(MicroTokenizer.Bpe(["a"], [], "\"unk_token\":\"<oov>\""));
        Assert.Equal("a", tokenizer.Spell("a"));
        Assert.Contains("<oov>", Assert.Throws<InvalidDataException>(() => tokenizer.Encode("b", false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_DamageOfAnyLength_IsRefusedInAFewWords()
    {
        string endless = new('x', 100_000);
        string[] damaged =
        [
            MicroTokenizer.Bpe(["a"], [["a", endless]]),
            MicroTokenizer.Bpe(["a"], [[endless, "a"]]),
            MicroTokenizer.Bpe(["a"], [["a", "a"]], $"\"continuing_subword_prefix\":\"{endless}\""),
            $$"""{"type":"BPE","vocab":{"{{endless}}":1,"a":1},"merges":[]}""",
            $$"""{"type":"BPE","vocab":{"{{endless}}":-1},"merges":[]}""",
            $$"""{"type":"BPE","vocab":{"a":1},"merges":["{{endless}}"]}""",
            $$"""{"type":"BPE","vocab":{"a":1},"merges":[],"{{endless}}":1}""",
        ];
        Assert.All(damaged, model =>
        {
            var refusal = Record.Exception(() => MicroTokenizer.Load(model));
            Assert.True(refusal is InvalidDataException or NotSupportedException, $"{refusal}");
            Assert.InRange(refusal.Message.Length, 20, 600);
        });
    }

    [Fact]
    public void Encode_MergeListedTwice_HasItsLaterRank()
    {
        var tokenizer = MicroTokenizer.Load(MicroTokenizer.Bpe(["a", "b", "c", "ab", "bc"], [["a", "b"], ["b", "c"], ["a", "b"]]));
        Assert.Equal("a|bc", tokenizer.Spell("abc"));
    }

    [Theory]
    [InlineData("abc", "ab|c")] // -2 - 3 beats a|bc = -3 - 4 and abc = -9
    [InlineData("cab", "c|ab")]
    [InlineData("axyb", "a|<unk>|b")] // neighbouring unknown characters are one
    [InlineData("x😀", "<unk>")]
    [InlineData("aa", "a|a")]
    public void Encode_Unigram_TakesTheBestPath(string text, string expected)
    {
        var model = MicroTokenizer.Unigram(("<unk>", 0), ("a", -3), ("b", -3), ("c", -3), ("ab", -2), ("bc", -4), ("abc", -9));
        Assert.Equal(expected, MicroTokenizer.Load(model).Spell(text));
    }

    [Fact]
    public void Encode_UnigramOfEqualScores_KeepsTheFirstPathFound()
    {
        // a|bc is reached at c from the token that starts earlier; the reference replaces a path only by a better one.
        var model = MicroTokenizer.Unigram(("<unk>", 0), ("a", -1), ("ab", -1), ("bc", -1), ("c", -1));
        Assert.Equal("a|bc", MicroTokenizer.Load(model).Spell("abc"));
    }

    [Fact]
    public void Encode_UnigramWithBytes_SpellsUnknownStretches()
    {
        var model = MicroTokenizer.Unigram(true, ("<unk>", 0), ("a", -1), ("<0xC3>", -5), ("<0x9F>", -5));
        Assert.Equal("a|<0xC3>|<0x9F>|<0xC3>|<0x9F>|a|<unk>", MicroTokenizer.Load(model).Spell("aßßa€"));
    }

    [Fact]
    public void Merge_ScanAndQueue_EqualMicrosoftsTokenizer()
    {
        var model = JsonNode.ParseFile(Path.Combine(TokenizerFixtures.Folder("gpt2"), "tokenizer.json")).Required("model");
        var vocabulary = model.Required("vocab").Element.EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetInt32());
        var merges = model.Required("merges").Items().Select(item => item.Text()).ToArray();
        var merger = new BytePairMerger([.. merges.Select(merge => merge.Split(' ')).Select(parts => (vocabulary[parts[0]], vocabulary[parts[1]], vocabulary[parts[0] + parts[1]]))]);
        var library = BpeTokenizer.Create(new BpeOptions(vocabulary) { Merges = merges });
        var random = new Random(3);
        const string letters = "etaoinshrdlu";
        for (var round = 0; round < 300; round++)
        {
            var word = new string([.. Enumerable.Range(0, 1 + random.Next(120)).Select(_ => letters[random.Next(letters.Length)])]);
            var expected = library.EncodeToIds(word, considerPreTokenization: false, considerNormalization: false);
            int[] scanned = [.. word.Select(c => vocabulary[c.ToString()])], queued = [.. scanned];
            Assert.Equal(expected, scanned[..merger.Scan(scanned)]);
            Assert.Equal(expected, queued[..merger.Queue(queued)]);
        }
    }

    [Fact]
    public void Load_TokenOnlyInTheConfig_IsAdded()
    {
        var tokenizer = MicroTokenizer.Load(
            MicroTokenizer.Bpe(Letters, Merges), config: """{"added_tokens_decoder":{"7":{"content":"<end>","special":true,"normalized":false}},"eos_token":"<end>"}""");
        Assert.Equal("ab|<end>", tokenizer.Spell("ab<end>"));
        Assert.Equal(7, tokenizer.EosId);
    }

    [Fact]
    public void Load_AddedTokensWithOtherIds_GetTheIdsOfTheReference()
    {
        const string members = """{"added_tokens":[{"id":4000000,"content":"<x>"},{"id":3,"content":"ab"},{"id":9,"content":"<y>"}]}""";
        var tokenizer = MicroTokenizer.Load(MicroTokenizer.Bpe(Letters, Merges), members, """{"added_tokens_decoder":{"50":{"content":"<z>"},"51":{"content":"<y>"}}}""");
        Assert.Equal([7, 4, 8, 9], tokenizer.Encode("<x>ab<y><z>", addSpecialTokens: false));
        Assert.Equal(10, tokenizer.VocabularySize);
    }

    [Fact]
    public void Load_EmptyVocabulary_KnowsItsAddedTokens()
    {
        var tokenizer = MicroTokenizer.Load(MicroTokenizer.Bpe([], []), """{"added_tokens":[{"id":316,"content":"<s>"}],"post_processor":{"type":"BertProcessing","cls":["<s>",316],"sep":["<s>",316]}}""");
        Assert.Equal([0], tokenizer.Encode("text<s>", addSpecialTokens: false));
        Assert.Equal([316, 316], tokenizer.Encode("text", addSpecialTokens: true));
        Assert.Equal(317, tokenizer.VocabularySize);
    }
}
