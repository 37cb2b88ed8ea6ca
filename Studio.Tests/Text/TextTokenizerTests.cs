using System.Text.Json;

namespace Studio.Tests.Text;

public sealed class TextTokenizerTests
{
    public static TheoryData<string> Families() => TokenizerFixtures.Families();

    [Theory, MemberData(nameof(Families))]
    public void Encode_EveryReferenceText_GivesTheReferenceIds(string family)
    {
        var tokenizer = TokenizerFixtures.Load(family);
        var wrong = new List<string>();
        foreach (var item in TokenizerFixtures.Cases(family).GetProperty("cases").EnumerateArray())
        {
            var text = item.Text("text");
            Check(wrong, text, item.Ids("ids"), tokenizer.Encode(text, addSpecialTokens: false));
            Check(wrong, text, item.Ids("ids_special"), tokenizer.Encode(text, addSpecialTokens: true));
        }

        Assert.Empty(wrong);
    }

    [Theory, MemberData(nameof(Families))]
    public void Decode_EveryReferenceSequence_GivesTheReferenceText(string family)
    {
        var tokenizer = TokenizerFixtures.Load(family);
        foreach (var item in Sequences(family))
        {
            Assert.Equal(item.Decoded, tokenizer.Decode(item.Ids, skipSpecialTokens: false));
            Assert.Equal(item.Skipped, tokenizer.Decode(item.Ids, skipSpecialTokens: true));
        }
    }

    [Theory]
    [InlineData("smollm", 1, 2, 2)]
    [InlineData("gpt2", 1356, 1356, null)]
    [InlineData("qwen2", null, 1458, 1456)]
    public void Load_Config_GivesTheSpecialIds(string family, int? bos, int? eos, int? pad)
    {
        var tokenizer = TokenizerFixtures.Load(family);
        Assert.Equal((bos, eos, pad), (tokenizer.BosId, tokenizer.EosId, tokenizer.PadId));
        Assert.Contains(eos!.Value, tokenizer.StopIds);
        Assert.Equal(TokenizerFixtures.Cases(family).GetProperty("vocab_size_with_added").GetInt32(), tokenizer.VocabularySize);
    }

    [Fact]
    public void Encode_FromManyThreads_GivesTheSameIds()
    {
        var tokenizer = TokenizerFixtures.Load("llama3");
        var texts = Enumerable.Range(0, 200).Select(i => $"Text number {i}, naïve 😀 <|eot_id|> and more").ToArray();
        var expected = texts.Select(text => tokenizer.Encode(text, true)).ToArray();
        var fresh = TokenizerFixtures.Load("llama3");
        Parallel.For(0, 1000, i => Assert.Equal(expected[i % 200], fresh.Encode(texts[i % 200], true)));
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("qwen2")]
    [InlineData("llama3")]
    [InlineData("llama2")]
    [InlineData("mistral_v1")]
    [InlineData("mistral_metaspace")]
    [InlineData("phi3")]
    [InlineData("gemma")]
    public void Encode_TextInTwoPieces_DecodesToTheWholeText(string family)
    {
        var tokenizer = TokenizerFixtures.Load(family);
        foreach (var (first, second) in ((string, string)[])[("one two", " three four"), ("one", "two"), ("a\n", "b"), ("x ", " y")])
        {
            List<int> ids = [.. tokenizer.Encode(first, (_, _) => true)];
            ids.AddRange(tokenizer.Encode(second, (_, _) => true, ids[^1]));
            Assert.Equal(first + second, tokenizer.Decode(ids, skipSpecialTokens: false));
        }
    }

    [Theory]
    [InlineData("llama2")]
    [InlineData("mistral_v1")]
    [InlineData("mistral_metaspace")]
    [InlineData("unigram_metaspace")]
    public void Encode_TextThatGoesOn_GetsNoSpaceOfItsOwn(string family)
    {
        var tokenizer = TokenizerFixtures.Load(family);
        var before = tokenizer.Encode("one", addSpecialTokens: false)[^1];
        var end = tokenizer.TokenId("</s>")!.Value;
        string Spelled(int? after) => string.Concat(tokenizer.Encode("two", (_, _) => true, after).Select(tokenizer.TokenText));
        Assert.Equal("two", Spelled(before));
        Assert.Equal("▁two", Spelled(null));
        Assert.Equal(family == "mistral_metaspace" ? "two" : "▁two", Spelled(end)); // after a control token as in the middle of a text
    }

    [Theory, MemberData(nameof(Families))]
    public void Verify_Family_EqualsTheReferenceInEverything(string family)
    {
        var verdict = Assert.Single(Studio.Bench.Verify.VerifyRunner.Run(
            Studio.Bench.Verify.CaseKind.Tokenizers, Path.Combine(AppContext.BaseDirectory, "Fixtures"), family));
        Assert.True(verdict.Passed, verdict.Detail);
    }

    internal static IEnumerable<(int[] Ids, string Decoded, string Skipped)> Sequences(string family)
    {
        var root = TokenizerFixtures.Cases(family);
        return root.GetProperty("cases").EnumerateArray().Select(item => Read(item, "ids_special"))
            .Concat(root.GetProperty("decode_cases").EnumerateArray().Select(item => Read(item, "ids")));

        static (int[], string, string) Read(JsonElement item, string ids) => (item.Ids(ids), item.Text("decoded"), item.Text("decoded_skip"));
    }

    private static void Check(List<string> wrong, string text, int[] expected, IReadOnlyList<int> actual)
    {
        if (!expected.SequenceEqual(actual))
            wrong.Add($"{JsonSerializer.Serialize(text)}: expected {string.Join(",", expected)} but was {string.Join(",", actual)}");
    }
}
