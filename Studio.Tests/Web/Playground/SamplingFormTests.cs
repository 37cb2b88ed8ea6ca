using System.Globalization;
using Studio.Core.Generation;
using Studio.Web.Playground;

namespace Studio.Tests.Web.Playground;

public sealed class SamplingFormTests : IDisposable
{
    private readonly CultureInfo _before = CultureInfo.CurrentCulture;

    public SamplingFormTests() => CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

    public void Dispose() => CultureInfo.CurrentCulture = _before;

    [Fact]
    public void Untouched_IsTheEnginesDefault()
    {
        var form = new SamplingForm();

        Assert.Equal(new SamplingSettings() with { Stop = [] }, form.ToSettings() with { Stop = [] });
        Assert.Empty(form.ToSettings().Stop);
        Assert.True(form.Inspect().IsSound);
    }

    [Fact]
    public void EveryProblemOfTheEngine_IsAtAField()
    {
        var wrong = new SamplingSettings { RepetitionPenalty = 0, Temperature = 0, TopK = -1, TopP = 0, MinP = 1, MaxNewTokens = 0, Stop = [""] };
        Assert.Equal(7, wrong.Problems().Count);

        var findings = Studio.Web.FineTunes.FieldFindings.Sort(wrong.Problems(), SamplingFields.All);

        Assert.Empty(findings.General);
        Assert.Equal(7, findings.AtFields.Count);
    }

    [Fact]
    public void Inspect_WrongAndUnreadable_SaysEachAtItsField()
    {
        var findings = new SamplingForm { TopP = 2, Temperature = null, Seed = "many" }.Inspect();

        Assert.Equal("Top-p is 2; expected above 0 and at most 1.", findings.At(SamplingFields.TopP));
        Assert.Equal("Temperature needs a number.", findings.At(SamplingFields.Temperature));
        Assert.Equal("Seed needs a whole number, or nothing.", findings.At(SamplingFields.Seed));
        Assert.Equal(3, findings.AtFields.Count);
    }

    [Fact]
    public void Greedy_WhatPlaysNoPart_IsNotAsked()
    {
        var form = new SamplingForm { Greedy = true, Temperature = null, TopP = 7, Seed = "many" };

        Assert.True(form.Inspect().IsSound);
        Assert.Empty(form.ToSettings().Problems());
        Assert.Null(form.ToSettings().Seed);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData(" 42 ", 42L)]
    [InlineData("-1", -1L)]
    public void Seed_Text_IsANumberOrNone(string text, long? expected) => Assert.Equal(expected, new SamplingForm { Seed = text }.ToSettings().Seed);

    [Fact]
    public void Stop_Lines_AreTextsWithLineBreaks() =>
        Assert.Equal(["User:", " \n\n"], new SamplingForm { Stop = "User:\r\n\n \\n\\n" }.ToSettings().Stop);

    [Fact]
    public void Summary_NamesWhatIsOn()
    {
        Assert.Equal("temperature 0.7 · top-p 0.9 · at most 200 tokens", new SamplingForm().Summary());
        Assert.Equal("greedy · at most 1,000 tokens · system prompt", new SamplingForm { Greedy = true, MaxNewTokens = 1000, System = "x" }.Summary());
    }
}
