using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.JSInterop;
using Plotly.Blazor;
using Plotly.Blazor.Traces;
using Studio.Web.Components.Shared;
using Studio.Web.Theme;

namespace Studio.Tests.Web.Components.Shared;

public sealed class LiveLineChartTests : StudioTestContext
{
    private static readonly ChartSeries First = new("a", "run <a>", new SeriesStyle(0));
    private static readonly ChartSeries Second = new("b", "run b", new SeriesStyle(1));

    [Fact]
    public void Render_NoPoints_ShowsTheEmptyTextAtFixedHeight()
    {
        var chart = RenderChart(First);

        Assert.Equal("Nothing yet", chart.Find(".studio-chart-empty").TextContent);
        Assert.Equal("height: 200px", chart.Find(".studio-chart").GetAttribute("style"));
    }

    [Fact]
    public async Task Append_TwoSeries_IsOneCallThatCarriesOnlyTheNewPoints()
    {
        var chart = RenderChart(First, Second);

        await chart.InvokeAsync(() => chart.Instance.AppendAsync([new("a", [1, 2], [0.5, double.NaN]), new("b", [1], [0.7])]));
        await chart.InvokeAsync(() => chart.Instance.AppendAsync("b", [2], [0.6]));

        Assert.Equal(2, Calls("extendTraces"));
        Assert.Equal(1, Calls("newPlot"));
        Assert.Equal(0, Calls("react"));
        Assert.Equal([1d, 2d], Trace(chart, 0).X);
        Assert.Equal([0.5, null], Trace(chart, 0).Y);
        Assert.Equal([0.7, 0.6], Trace(chart, 1).Y);
        Assert.Empty(chart.FindAll(".studio-chart-empty"));
    }

    [Fact]
    public async Task Append_BeyondTheMaximum_KeepsTheLatest()
    {
        var chart = RenderChart(First);

        for (var step = 0; step < 12; step++)
            await chart.InvokeAsync(() => chart.Instance.AppendAsync("a", [step], [step]));

        Assert.Equal([2d, 3d, 4d, 5d, 6d, 7d, 8d, 9d, 10d, 11d], Trace(chart, 0).X);
    }

    [Fact]
    public async Task Series_Added_DrawsAgainOnceAndKeepsThePoints()
    {
        var chart = RenderChart(First);
        await chart.InvokeAsync(() => chart.Instance.AppendAsync("a", [1], [0.5]));

        chart.Render(p => p.Add(c => c.Series, [Second, First]));

        Assert.Equal(1, Calls("react"));
        Assert.Equal([0.5], Trace(chart, 1).Y);
        Assert.Empty(Trace(chart, 0).Y);
    }

    [Fact]
    public void Render_SameSeriesAgain_DrawsNothing()
    {
        var chart = RenderChart(First);

        chart.Render(p => p.Add(c => c.Series, [First with { }]));

        Assert.Equal(0, Calls("react"));
    }

    [Fact]
    public async Task Replace_OtherPoints_ShowsOnlyThose()
    {
        var chart = RenderChart(First);
        await chart.InvokeAsync(() => chart.Instance.AppendAsync("a", [1, 2], [0.5, 0.4]));

        await chart.InvokeAsync(() => chart.Instance.ReplaceAsync([new("a", [10], [0.9])]));

        Assert.Equal([10d], Trace(chart, 0).X);
        Assert.Equal([0.9], Trace(chart, 0).Y);
    }

    [Fact]
    public async Task Theme_TurnsDark_RecolorsAndKeepsThePoints()
    {
        var chart = RenderChart(First);
        await chart.InvokeAsync(() => chart.Instance.AppendAsync("a", [1], [0.5]));

        await chart.InvokeAsync(() => Services.GetRequiredService<ThemeState>().Report("dark", isDark: true));

        Assert.Equal(CategoricalPalette.Dark[0], Trace(chart, 0).Line.Color);
        Assert.Equal([0.5], Trace(chart, 0).Y);
        Assert.Equal(1, Calls("react"));
    }

    [Fact]
    public void Areas_StandOnEachOther_LinesDoNot()
    {
        var chart = RenderChart(First with { Emphasis = LineEmphasis.Area }, Second);

        Assert.NotNull(Trace(chart, 0).StackGroup);
        Assert.Null(Trace(chart, 1).StackGroup);
    }

    [Fact]
    public void ClockX_NoLegend_ReachTheLayout()
    {
        var chart = Render<LiveLineChart>(p => p.Add(c => c.Series, [First]).Add(c => c.Label, "Memory").Add(c => c.ClockX, true).Add(c => c.Legend, false));

        var layout = chart.FindComponent<PlotlyChart>().Instance.Layout;
        Assert.Equal(Plotly.Blazor.LayoutLib.XAxisLib.TypeEnum.Date, layout.XAxis[0].Type);
        Assert.False(layout.ShowLegend);
    }

    [Fact]
    public void Name_WithMarkup_IsShownAsText() => Assert.Equal("run &lt;a&gt;", Trace(RenderChart(First), 0).Name);

    [Fact]
    public async Task Append_UnknownSeries_IsIgnored()
    {
        var chart = RenderChart(First);

        await chart.InvokeAsync(() => chart.Instance.AppendAsync("gone", [1], [0.5]));

        Assert.Equal(0, Calls("extendTraces"));
    }

    [Fact]
    public async Task Append_UnequalLengths_NamesTheSeries()
    {
        var chart = RenderChart(First);

        var failure = await Assert.ThrowsAsync<ArgumentException>(() => chart.InvokeAsync(() => chart.Instance.AppendAsync("a", [1, 2], [0.5])));

        Assert.Contains("Series 'a' has 2 positions and 1 values", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Append_PageIsClosing_IsSilent()
    {
        var chart = RenderChart(First);
        Modules.SetupVoid("extendTraces", _ => true).SetException(new JSDisconnectedException("gone"));

        await chart.InvokeAsync(() => chart.Instance.AppendAsync("a", [1], [0.5]));

        Assert.NotEqual(0, Calls("extendTraces"));
    }

    private IRenderedComponent<LiveLineChart> RenderChart(params ChartSeries[] series) => Render<LiveLineChart>(p => p
        .Add(c => c.Series, series).Add(c => c.Label, "Loss").Add(c => c.EmptyText, "Nothing yet").Add(c => c.Height, 200).Add(c => c.MaxPoints, 10));

    private static Scatter Trace(IRenderedComponent<LiveLineChart> chart, int index) =>
        (Scatter)chart.FindComponent<PlotlyChart>().Instance.Data[index];

    private int Calls(string function) => Modules.Invocations.Count(call => call.Identifier == function);
}
