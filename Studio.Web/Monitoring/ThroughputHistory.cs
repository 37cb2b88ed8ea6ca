using Studio.Core.Runs;
using Studio.Core.Telemetry;
using Studio.Core.Storage;
using Studio.Web.Charts;
using Studio.Web.Theme;

namespace Studio.Web.Monitoring;

/// <summary>
/// Tokens per second over the last minutes as series of the metric store: of each run that trained in them, of chats, and of all together.
/// A series gets a point at every measurement, so that all of them leave the window alike.
/// </summary>
/// <param name="metrics">Where they are kept.</param>
public sealed class ThroughputHistory(MetricStore metrics)
{
    /// <summary>Measurements that a chart shows: ten minutes.</summary>
    public const int Points = 300;

    /// <summary>Unit of the values.</summary>
    public const string Unit = "tokens/s";

    /// <summary>Tokens that all runs train and all chats generate.</summary>
    public static readonly SeriesKey Total = new("studio-throughput", "total");

    /// <summary>Tokens that chats generate.</summary>
    public static readonly SeriesKey Chats = new("studio-throughput", "chats");

    private readonly Dictionary<string, int> _silent = new(StringComparer.Ordinal);
    private long _count;

    /// <summary>Series of a run. Each run is an owner of its own, so that its series can go alone.</summary>
    public static SeriesKey Of(string runId) => new("studio-throughput/" + runId, "tokens");

    /// <summary>The lines of the chart: the sum, chats, and each run of the list that trained in the window.</summary>
    public static IReadOnlyList<ChartLine> Lines(MetricStore metrics, IReadOnlyList<RunView> runs, SeriesColors colors)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(colors);
        return
        [
            new ChartLine(Total, "Total", SeriesStyle.Ink),
            new ChartLine(Chats, "Chats", SeriesStyle.Muted),
            .. runs.Where(run => metrics.Latest(Of(run.Record.Id)) is not null)
                .Select(run => new ChartLine(Of(run.Record.Id), run.Record.Name, colors.StyleOf(run.Record.Id))),
        ];
    }

    /// <summary>Adds a measurement.</summary>
    /// <param name="runs">All runs.</param>
    /// <param name="chats">Tokens per second of all chats.</param>
    /// <param name="now">When.</param>
    public void Add(IReadOnlyList<RunView> runs, double chats, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(runs);
        _count++;
        var running = runs.Where(run => run.Record.State == RunState.Running).ToDictionary(run => run.Record.Id, run => run.TokensPerSecond, StringComparer.Ordinal);
        Add(Total, running.Values.Sum() + chats, now);
        Add(Chats, chats, now);
        foreach (var (id, tokens) in running)
        {
            _silent[id] = 0;
            Add(Of(id), tokens, now);
        }
        foreach (string id in _silent.Keys.Where(id => !running.ContainsKey(id)).ToArray())
        {
            if (++_silent[id] < Points)
            {
                Add(Of(id), double.NaN, now);
                continue;
            }
            _silent.Remove(id);
            metrics.Remove(Of(id).Owner);
        }
    }

    private void Add(SeriesKey key, double value, DateTimeOffset now) => metrics.Add(key, new MetricPoint(_count, value, now, Epoch: 0, Tokens: 0));
}
