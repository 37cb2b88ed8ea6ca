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
    public void Neutral_Styles_HaveTheColorsOfText()
    {
        Assert.Equal(("var(--mud-palette-text-primary)", "solid"), (SeriesStyle.Ink.CssColor, SeriesStyle.Ink.Dash));
        Assert.Equal(("var(--mud-palette-text-primary)", "dash"), (SeriesStyle.DashedInk.CssColor, SeriesStyle.DashedInk.Dash));
        Assert.Equal(("var(--mud-palette-text-secondary)", "solid"), (SeriesStyle.Muted.CssColor, SeriesStyle.Muted.Dash));
        Assert.All([SeriesStyle.Ink, SeriesStyle.Muted], style => Assert.NotEqual(style.ColorOf(dark: false), style.ColorOf(dark: true)));
    }

    [Fact]
    public void StyleOf_ManyThreads_GivesEachRunOnePlace()
    {
        var colors = new SeriesColors();

        Parallel.For(0, 1000, i => colors.StyleOf($"run{i % 50}"));

        Assert.Equal(Enumerable.Range(0, 50), Enumerable.Range(0, 50).Select(i => colors.StyleOf($"run{i}").Place).Order());
    }
}
