using Studio.Core.Runs;
using Studio.Core.Telemetry;

namespace Studio.Web.Monitoring;

/// <summary>A line of some run's log.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Run">Its name.</param>
/// <param name="Line">The line.</param>
public sealed record RunEvent(string RunId, string Run, EventLine Line);

/// <summary>The newest lines of all runs' logs in one list; each read takes only what is new.</summary>
/// <param name="log">The logs.</param>
/// <param name="most">Lines that are kept.</param>
public sealed class RecentEvents(EventLog log, int most)
{
    private readonly Dictionary<string, long> _read = new(StringComparer.Ordinal);
    private List<RunEvent> _events = [];

    /// <summary>The lines, oldest first.</summary>
    public IReadOnlyList<RunEvent> Read(IReadOnlyList<RunView> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        // The log of a deleted run is gone, and its page too.
        var ids = runs.Select(run => run.Record.Id).ToHashSet(StringComparer.Ordinal);
        var added = new List<RunEvent>();
        foreach (var run in runs)
        {
            var (id, name) = (run.Record.Id, run.Record.Name);
            var lines = log.Read(id, _read.GetValueOrDefault(id));
            if (lines.Count == 0)
                continue;
            _read[id] = lines[^1].Index;
            added.AddRange(lines.Select(line => new RunEvent(id, name, line)));
        }
        if (added.Count > 0 || _events.Exists(happened => !ids.Contains(happened.RunId)))
            _events = [.. _events.Where(happened => ids.Contains(happened.RunId)).Concat(added).OrderBy(happened => happened.Line.Time).TakeLast(most)];
        return _events;
    }
}
