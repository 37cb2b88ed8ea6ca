using Studio.Core.Runs;
using Studio.Core.Telemetry;
using Studio.Web.Charts;
using Studio.Web.Theme;

namespace Studio.Web.Monitoring;

/// <summary>What each owner held over the last minutes, in MiB. An adapter in training counts to its run.</summary>
/// <param name="metrics">Where it is kept.</param>
public sealed class OwnerHistory(MetricStore metrics)
{
    private const string Group = "studio-memory-of";

    private readonly WindowedSeries _series = new(metrics, Group, absent: 0);

    /// <summary>Bytes of an owner.</summary>
    public static SeriesKey Of(string owner) => WindowedSeries.KeyOf(Group, owner);

    /// <summary>The areas of the chart, base models at the bottom, then by name. Owners that are gone leave the list at once.</summary>
    public static IReadOnlyList<ChartLine> Lines(IReadOnlyList<MemoryOwner> owners, IReadOnlyList<RunView> runs, SeriesColors colors)
    {
        ArgumentNullException.ThrowIfNull(owners);
        ArgumentNullException.ThrowIfNull(colors);
        var trained = RunsByAdapter(runs);
        return
        [
            .. owners.Where(owner => !trained.ContainsKey(owner.Owner))
                .OrderBy(owner => owner.Kind != MemoryOwners.BaseModel).ThenBy(owner => owner.Name, StringComparer.CurrentCulture).ThenBy(owner => owner.Owner, StringComparer.Ordinal)
                .Select(owner => new ChartLine(Of(owner.Owner), owner.Name, owner.Kind == MemoryOwners.BaseModel ? SeriesStyle.Muted : colors.StyleOf(owner.Owner), Stacked: true)),
        ];
    }

    /// <summary>Adds a measurement.</summary>
    public void Add(MemorySnapshot memory, IReadOnlyList<RunView> runs, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(memory);
        var trained = RunsByAdapter(runs);
        _series.Add(memory.ByOwner.GroupBy(owner => trained.GetValueOrDefault(owner.Key, owner.Key), StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Sum(owner => owner.Value) / 1048576d, StringComparer.Ordinal), now);
    }

    private static Dictionary<string, string> RunsByAdapter(IReadOnlyList<RunView> runs) => runs.Where(run => !run.Record.State.HasEnded())
        .GroupBy(run => run.Record.AdapterId, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First().Record.Id, StringComparer.Ordinal);
}
