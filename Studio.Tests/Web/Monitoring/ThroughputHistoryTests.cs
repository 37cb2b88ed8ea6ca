using Studio.Core.Runs;
using Studio.Core.Storage;
using Studio.Core.Telemetry;
using Studio.Tests.Web.Doubles;
using Studio.Web.Monitoring;
using Studio.Web.Theme;

namespace Studio.Tests.Web.Monitoring;

public sealed class ThroughputHistoryTests
{
    private readonly MetricStore _metrics = new(new ChangeSignal());
    private readonly TestRunService _runs = new();
    private readonly ThroughputHistory _history;
    private int _ticks;

    public ThroughputHistoryTests() => _history = new ThroughputHistory(_metrics);

    [Fact]
    public void Add_RunsAndChats_HaveTheirOwnLinesAndATotal()
    {
        Run("a", 200);
        Run("b", 50);
        _runs.Add("waiting", RunState.Queued);

        Add(chats: 7);

        var lines = ThroughputHistory.Lines(_metrics, _runs.Runs, new SeriesColors());
        Assert.Equal(["Total", "Chats", "b run", "a run"], lines.Select(line => line.Name));
        Assert.Equal([257d, 7d, 50d, 200d], lines.Select(line => _metrics.Latest(line.Key)!.Value.Value));
    }

    [Fact]
    public void Add_RunPauses_LeavesAGapAndGoesOn()
    {
        Run("a", 200);
        Add();
        Change("a", RunState.Paused);
        Add();
        Change("a", RunState.Running);
        Add();

        Assert.Equal([200d, double.NaN, 200d], Values("a"));
        Assert.Equal([200d, 0d, 200d], _metrics.Read(ThroughputHistory.Total).Points.Select(point => point.Value));
    }

    [Fact]
    public void Add_RunEndedLongAgo_ItsSeriesIsForgotten()
    {
        Run("a", 200);
        Add();
        Change("a", RunState.Finished);
        for (var tick = 1; tick < WindowedSeries.Points; tick++)
            Add();
        // As many points as every other line: all leave the chart alike.
        Assert.Equal(WindowedSeries.Points, Values("a").Count());
        Assert.Contains(ThroughputHistory.Lines(_metrics, _runs.Runs, new SeriesColors()), line => line.Name == "a run");

        Add();

        Assert.Empty(Values("a"));
        Assert.DoesNotContain(ThroughputHistory.Lines(_metrics, _runs.Runs, new SeriesColors()), line => line.Name == "a run");
    }

    private void Run(string id, double tokens)
    {
        _runs.Add(id);
        _runs.Change(id, run => run with { TokensPerSecond = tokens });
    }

    private void Change(string id, RunState state) => _runs.Change(id, run => run with { Record = run.Record with { State = state } });

    private void Add(double chats = 0) => _history.Add(_runs.Runs, chats, DateTimeOffset.UnixEpoch + ++_ticks * MonitorSampler.Interval);

    private IEnumerable<double> Values(string id) => _metrics.Read(ThroughputHistory.Of(id)).Points.Select(point => point.Value);
}
