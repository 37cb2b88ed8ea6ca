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

    [Fact]
    public void Of_ModelsDefaults_GivesThemBackAndKeepsWhatHasNoField()
    {
        var defaults = new SamplingSettings
        {
            Temperature = 0.6, TopK = 20, TopP = 0.95, MinP = 0.01, RepetitionPenalty = 1.1, MaxNewTokens = 50, MinNewTokens = 7, NoRepeatNgramSize = 3,
            SuppressTokens = [4], BadWords = [[1, 2]], TypicalP = 0.9, EpsilonCutoff = 1e-4, EtaCutoff = 1e-3, Stop = ["\nUser:", "###"],
        };
        var form = SamplingForm.Of(defaults);

        Assert.Equal(defaults with { Stop = [] }, form.ToSettings(defaults) with { Stop = [] });
        Assert.Equal(defaults.Stop, form.ToSettings(defaults).Stop);
        form.MaxNewTokens = 5;
        Assert.Equal(5, form.ToSettings(defaults).MinNewTokens);
        Assert.Empty(form.ToSettings(defaults).Problems());
    }

    [Fact]
    public void Origins_TellWhatTheModelSaysAndWhatIsChanged()
    {
        var defaults = new GenerationDefaults
        {
            Sampling = new SamplingSettings { Temperature = 0.6, TopK = 20, SuppressTokens = [1, 2] },
            FromModel = [nameof(SamplingSettings.Temperature), nameof(SamplingSettings.TopK), nameof(SamplingSettings.SuppressTokens)],
        };
        var form = SamplingForm.Of(defaults.Sampling);
        Assert.Equal([new("Temperature", "0.6", false), new("Top-k", "20", false), new("Suppressed tokens", "2", false)], SamplingOrigins.Of(defaults, form));
        form.TopK = 5;
        Assert.Equal("Top-k", Assert.Single(SamplingOrigins.Of(defaults, form), source => source.IsChanged).Name);
        form.Greedy = true;
        Assert.DoesNotContain(SamplingOrigins.Of(defaults, form), source => source.IsChanged);
        // Every setting that a file can give has a name.
        string[] all = [.. typeof(SamplingSettings).GetProperties().Select(property => property.Name).Where(name => name is not (nameof(SamplingSettings.Seed) or "EqualityContract"))];
        Assert.Equal(all.Length, SamplingOrigins.Of(defaults with { FromModel = all }, form).Count);
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
