using Studio.Core.Text;

namespace Studio.Tests.Text;

public sealed class StreamingDecoderTests
{
    public static TheoryData<string> Families() => TokenizerFixtures.Families();

    [Theory, MemberData(nameof(Families))]
    public void Push_EveryReferenceSequence_AddsUpToTheReferenceText(string family)
    {
        var tokenizer = TokenizerFixtures.Load(family);
        foreach (var (ids, decoded, skipped) in TextTokenizerTests.Sequences(family))
        {
            Assert.Equal(decoded, Stream(new StreamingDecoder(tokenizer, skipSpecialTokens: false), ids));
            Assert.Equal(skipped, Stream(new StreamingDecoder(tokenizer), ids));
        }
    }

    [Theory, MemberData(nameof(Families))]
    public void Push_RandomTokens_AddsUpToTheWholeAndNeverHalvesACharacter(string family)
    {
        var tokenizer = TokenizerFixtures.Load(family);
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            // Low ids are the bytes in most vocabularies: half of the sequences are of those.
            var limit = round % 2 == 0 ? 300 : tokenizer.VocabularySize + 2;
            var ids = Enumerable.Range(0, random.Next(30)).Select(_ => random.Next(limit)).ToArray();
            var skip = random.Next(2) == 0;
            var decoder = new StreamingDecoder(tokenizer, skip);
            var pieces = ids.Select(decoder.Push).ToList();
            pieces.Add(decoder.Flush());
            Assert.Equal(tokenizer.Decode(ids, skip), string.Concat(pieces));
            Assert.All(pieces, piece => Assert.False(piece.Length > 0 && (char.IsHighSurrogate(piece[^1]) || char.IsLowSurrogate(piece[0]))));
        }
    }

    [Fact]
    public void Push_BytesOfSentencePiece_WaitUntilTheirRunIsOver()
    {
        var tokenizer = TokenizerFixtures.Load("llama2");
        int Byte(int value) => tokenizer.TokenId($"<0x{value:X2}>")!.Value;
        var decoder = new StreamingDecoder(tokenizer);
        Assert.Equal(["", "", "ß!"], new[] { Byte(0xC3), Byte(0x9F), tokenizer.TokenId("!")!.Value }.Select(decoder.Push));
        Assert.Equal("", decoder.Push(Byte(0xC3)));
        Assert.Equal("", decoder.Push(Byte(0x9F)));
        Assert.Equal("", decoder.Push(Byte(0xFF))); // one broken byte breaks the whole run
        Assert.Equal("\uFFFD\uFFFD\uFFFD", decoder.Flush());
    }

    [Fact]
    public void Push_EmojiInFourTokens_AppearsWithTheLast()
    {
        var tokenizer = TokenizerFixtures.Load("gpt2");
        var decoder = new StreamingDecoder(tokenizer);
        var pieces = tokenizer.Encode("x😀y", addSpecialTokens: false).Select(decoder.Push).ToArray();
        Assert.Equal("x😀y", string.Concat(pieces));
        Assert.All(pieces, piece => Assert.DoesNotContain('\uFFFD', piece));
        Assert.Contains("", pieces);
        Assert.All(pieces, piece => Assert.False(piece.Length > 0 && char.IsHighSurrogate(piece[^1])));
    }

    [Fact]
    public void Flush_HalfACharacter_GivesTheReplacementOnceAndStartsAfresh()
    {
        var tokenizer = TokenizerFixtures.Load("gpt2");
        var decoder = new StreamingDecoder(tokenizer);
        var ids = tokenizer.Encode("é", addSpecialTokens: false);
        var first = tokenizer.TokenId("Ã")!.Value;
        Assert.Equal("", decoder.Push(first));
        Assert.Equal("\uFFFD", decoder.Flush());
        Assert.Equal("", decoder.Flush());
        Assert.Equal("é", Stream(decoder, ids));
    }

    [Fact]
    public void Push_IdOutsideOfTheVocabulary_AddsNothing() =>
        Assert.Equal("", Stream(new StreamingDecoder(TokenizerFixtures.Load("gpt2")), [1_000_000, -1]));

    private static string Stream(StreamingDecoder decoder, IEnumerable<int> ids)
    {
        var text = string.Concat(ids.Select(decoder.Push));
        return text + decoder.Flush();
    }
}
