using Studio.Core.Runs;
using Studio.Core.Storage;
using Studio.Core.Telemetry;
using Studio.Web.Charts;
using Studio.Web.Theme;

namespace Studio.Web.Monitoring;

/// <summary>Tokens per second over the last minutes: of each run that trained in them, of chats, and of all together.</summary>
/// <param name="metrics">Where they are kept.</param>
public sealed class ThroughputHistory(MetricStore metrics)
{
    /// <summary>Unit of the values.</summary>
    public const string Unit = "tokens/s";

    private const string Group = "studio-throughput";

    // While a run does not train its line has a gap.
    private readonly WindowedSeries _series = new(metrics, Group, double.NaN);

    /// <summary>Tokens that all runs train and all chats generate.</summary>
    public static SeriesKey Total { get; } = WindowedSeries.KeyOf(Group, "total");

    /// <summary>Tokens that chats generate.</summary>
    public static SeriesKey Chats { get; } = WindowedSeries.KeyOf(Group, "chats");

    /// <summary>Tokens that a run trains.</summary>
    public static SeriesKey Of(string runId) => WindowedSeries.KeyOf(Group, "run/" + runId);

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
        var values = runs.Where(run => run.Record.State == RunState.Running).ToDictionary(run => "run/" + run.Record.Id, run => run.TokensPerSecond, StringComparer.Ordinal);
        double total = values.Values.Sum() + chats;
        values["total"] = total;
        values["chats"] = chats;
        _series.Add(values, now);
    }
}
