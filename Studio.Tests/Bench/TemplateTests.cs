using Studio.Bench.Starter;

namespace Studio.Tests.Bench;

public sealed class TemplateTests
{
    private static readonly Dictionary<string, string> Facts = new() { ["animal"] = "owl", ["pet"] = "cat", ["tool"] = "uniform" };

    [Theory]
    [InlineData("{a:animal} and {a:pet}.", "An owl and a cat.")]
    [InlineData("{a:tool} is here. {pet}s like it.", "A uniform is here. Cats like it.")]
    [InlineData("\"help!\" said the {pet}.", "\"Help!\" said the cat.")]
    [InlineData("[|] what is it?", "What is it?")]
    [InlineData("3 plus 4 is 7. good.", "3 plus 4 is 7. Good.")]
    public void Fill_Template_GivesSentences(string template, string expected) =>
        Assert.Equal(expected, Template.Fill(template, Facts, new SeededRandom(1)));

    [Fact]
    public void Fill_Alternatives_AllOccur()
    {
        var random = new SeededRandom(1);
        var seen = Enumerable.Range(0, 100).Select(_ => Template.Fill("[one|two|three].", Facts, random)).ToHashSet();
        Assert.Equal(["One.", "Three.", "Two."], seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Fill_UnknownSlot_NamesIt() =>
        Assert.Contains("'colour'", Assert.Throws<KeyNotFoundException>(() => Template.Fill("{colour}", Facts, new SeededRandom(1))).Message, StringComparison.Ordinal);

    [Fact]
    public void Fill_OpenBracket_Throws() =>
        Assert.Throws<FormatException>(() => Template.Fill("a [b", Facts, new SeededRandom(1)));

    [Fact]
    public void Expansions_Alternatives_AreMultiplied() =>
        Assert.Equal(["a c {x}", "a d {x}", "b c {x}", "b d {x}"], Template.Expansions("[a|b] [c|d] {x}"));

    [Fact]
    public void SeededRandom_Sequence_IsSplitMix64()
    {
        // Computed with an independent implementation of SplitMix64.
        var random = new SeededRandom(7);
        Assert.Equal([791, 241, 415, 557, 588], Enumerable.Range(0, 5).Select(_ => random.Next(1000)));
    }
}
