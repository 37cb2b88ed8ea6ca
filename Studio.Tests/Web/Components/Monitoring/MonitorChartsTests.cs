using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Studio.Core.Storage;
using Studio.Core.Telemetry;
using Studio.Tests.Telemetry;
using Studio.Tests.Web.Doubles;
using Studio.Web.Components.Charts;
using Studio.Web.Components.Monitoring;
using Studio.Web.Monitoring;

namespace Studio.Tests.Web.Components.Monitoring;

public sealed class MonitorChartsTests : EngineTestContext
{
    private readonly TestTimeProvider _clock = new();

    public MonitorChartsTests() => Services.AddSingleton<TimeProvider>(_clock);

    [Fact]
    public void Throughput_RunBegins_GetsItsLineAndItsFigure()
    {
        var history = new ThroughputHistory(Telemetry.Metrics);
        history.Add(Runs.Runs, 12, _clock.GetUtcNow());
        var panel = Render<ThroughputPanel>();
        Assert.Equal(["Total 12", "Chats 12"], Legend(panel, "monitor-throughput-legend"));

        Runs.Add("a");
        history.Add(Runs.Runs, 3, _clock.GetUtcNow());
        _clock.Advance(MonitorSampler.Interval);

        panel.WaitForAssertion(() => Assert.Equal(["Total 203", "Chats 3", "a run 200"], Legend(panel, "monitor-throughput-legend")));
        Assert.Equal(3, panel.FindComponent<SeriesChart>().Instance.Lines.Count);
    }

    [Fact]
    public async Task Throughput_EachAlone_LeavesTheTotalOut()
    {
        new ThroughputHistory(Telemetry.Metrics).Add(Runs.Runs, 12, _clock.GetUtcNow());
        var panel = Render<ThroughputPanel>();

        await panel.Find("[data-testid=throughput-each]").ClickAsync(new());

        Assert.Equal(["Chats 12"], Legend(panel, "monitor-throughput-legend"));
        Assert.Equal("true", panel.Find("[data-testid=throughput-each]").GetAttribute("aria-pressed"));
    }

    [Fact]
    public void Throughput_Ticks_RenderNoChart()
    {
        Runs.Add("a");
        new ThroughputHistory(Telemetry.Metrics).Add(Runs.Runs, 0, _clock.GetUtcNow());
        var panel = Render<ThroughputPanel>();
        var (chart, legend) = (panel.FindComponent<SeriesChart>(), panel.FindComponent<LiveLegend>());
        var (chartBefore, legendBefore) = (chart.RenderCount, legend.RenderCount);

        _clock.Advance(MonitorSampler.Interval);

        legend.WaitForAssertion(() => Assert.True(legend.RenderCount > legendBefore));
        Assert.Equal(chartBefore, chart.RenderCount);
    }

    [Fact]
    public async Task Memory_ByUse_LeavesTheAreasThatOwnersHold()
    {
        new MemoryHistory(Telemetry.Metrics).Add(Telemetry.ReadMemory(), _clock.GetUtcNow());
        var chart = Render<MemoryChart>();
        Assert.Equal(["Base models 7.00 MiB", "Rest of the process 293 MiB", "Resident 300 MiB", "Private 200 MiB"], Legend(chart, "monitor-chart-legend"));

        await chart.Find("[data-testid=memory-uses]").ClickAsync(new());

        Assert.Equal(["Base models 7.00 MiB"], Legend(chart, "monitor-chart-legend"));
        Assert.All(chart.FindComponent<SeriesChart>().Instance.Lines, line => Assert.True(line.Stacked));
        Assert.Equal("true", chart.Find("[data-testid=memory-uses]").GetAttribute("aria-pressed"));
    }

    [Fact]
    public async Task Memory_ByOwner_NamesWhoComesAndGoes()
    {
        var history = new OwnerHistory(Telemetry.Metrics);
        var chart = Render<MemoryChart>();
        await chart.Find("[data-testid=memory-owners]").ClickAsync(new());
        Assert.Equal(["starter"], chart.FindComponent<SeriesChart>().Instance.Lines.Select(line => line.Name));

        Runs.Add("a");
        Ledger.Set("a", MemoryCategory.Moments, 2 << 20);
        Ledger.Set("a-adapter", MemoryCategory.Adapter, 1 << 20);
        history.Add(Telemetry.ReadMemory().Owners, Runs.Runs, _clock.GetUtcNow());
        _clock.Advance(MonitorSampler.Interval);

        chart.WaitForAssertion(() => Assert.Equal(["starter 7.00 MiB", "a run 3.00 MiB"], Legend(chart, "monitor-chart-legend")));
        Ledger.Release("a");
        Ledger.Release("a-adapter");
        _clock.Advance(MonitorSampler.Interval);
        chart.WaitForAssertion(() => Assert.Equal(["starter"], chart.FindComponent<SeriesChart>().Instance.Lines.Select(line => line.Name)));
    }

    [Fact]
    public void RunMemory_WithoutForecast_ShowsWhatIsMeasured()
    {
        Runs.Add("small");
        Runs.Add("large");
        Runs.Change("large", run => run with { HeldBytes = 8_192 });
        Runs.Add("done", RunState.Finished);

        var panel = Render<RunMemoryPanel>();

        var rows = panel.FindAll("[data-testid=monitor-run-memory-row]");
        Assert.Equal(["large run", "small run"], rows.Select(row => row.QuerySelector("a")!.TextContent));
        Assert.Equal(["width: 100%", "width: 50%"], rows.Select(row => row.QuerySelector(".studio-pair-measured")!.GetAttribute("style")));
        Assert.Contains("4.00 KiB measured, no forecast", rows[1].TextContent, StringComparison.Ordinal);
        Assert.Empty(panel.FindAll(".studio-ratio"));
    }

    [Theory]
    [InlineData(1_000, 900, 0.9)]
    [InlineData(0, 900, null)]
    public void RunMemoryRow_Ratio_IsMeasuredByPredicted(long predicted, long measured, double? expected) => Assert.Equal(expected, new RunMemoryRow("a", "a", predicted, measured).Ratio);

    private static IEnumerable<string> Legend(IRenderedComponent<Microsoft.AspNetCore.Components.IComponent> part, string id) =>
        part.FindAll($"[data-testid={id}] li").Select(entry => $"{entry.QuerySelector(".studio-legend-name")!.TextContent} {entry.QuerySelector("strong")!.TextContent}");
}
