using Studio.Core.Training;
using Studio.Web.Charts;
using Studio.Web.FineTunes;

namespace Studio.Tests.Web.FineTunes;

public sealed class CompareStateTests
{
    [Fact]
    public void Parse_FullAddress_GivesAllAndBackAgain()
    {
        var state = CompareState.Parse("b,a", "tokens", "0.85", RunSeries.EvalLoss);

        Assert.Equal(["b", "a"], state.RunIds);
        Assert.Equal((XAxis.Tokens, 0.85, RunSeries.EvalLoss), (state.X, state.Smoothing, state.Series));
        Assert.Equal("/compare?runs=b,a&x=tokens&smooth=0.85&series=eval_loss", state.ToUri());
    }

    [Theory]
    [InlineData(null, null, null, null)]
    [InlineData("", "sideways", "much", "gain")]
    [InlineData(" , ,", "17", "NaN", "")]
    public void Parse_MissingOrSenseless_GivesDefaults(string? runs, string? x, string? smoothing, string? series) =>
        Assert.Equal(new CompareState().ToUri(), CompareState.Parse(runs, x, smoothing, series).ToUri());

    [Theory]
    [InlineData("-3", 0)]
    [InlineData("7", 0.99)]
    public void Parse_SmoothingOutOfRange_IsClamped(string text, double expected) => Assert.Equal(expected, CompareState.Parse("a", null, text, null).Smoothing);

    [Fact]
    public void Parse_SameRunTwice_IsThereOnce() => Assert.Equal(["a", "b"], CompareState.Parse("a,b,a", null, null, null).RunIds);

    [Fact]
    public void Toggle_AddsAtTheEndAndTakesAway()
    {
        var state = CompareState.Parse("a,b", "time", null, null);

        Assert.Equal(["a", "b", "c"], state.Toggle("c").RunIds);
        Assert.Equal(["b"], state.Toggle("a").RunIds);
        Assert.Equal(XAxis.Time, state.Toggle("a").X);
    }
}
