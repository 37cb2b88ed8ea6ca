using Studio.Web.Theme;

namespace Studio.Tests.Web.Theme;

public sealed class SeriesColorsTests
{
    [Fact]
    public void StyleOf_SameRun_StaysTheSame()
    {
        var colors = new SeriesColors();
        var first = colors.StyleOf("a");
        colors.StyleOf("b");

        Assert.Equal(first, colors.StyleOf("a"));
        Assert.NotEqual(first, colors.StyleOf("b"));
    }

    [Fact]
    public void StyleOf_ThirtyRuns_DifferInColorOrDash()
    {
        var colors = new SeriesColors();

        var looks = Enumerable.Range(0, 30).Select(run => colors.StyleOf($"run{run}")).Select(style => (style.ColorOf(dark: false), style.Dash));

        Assert.Equal(30, looks.Distinct().Count());
    }

    [Fact]
    public void StyleOf_ManyThreads_GivesEachRunOnePlace()
    {
        var colors = new SeriesColors();

        Parallel.For(0, 1000, i => colors.StyleOf($"run{i % 50}"));

        Assert.Equal(Enumerable.Range(0, 50), Enumerable.Range(0, 50).Select(i => colors.StyleOf($"run{i}").Place).Order());
    }
}
