using Studio.Core.Serving;

namespace Studio.Web.Monitoring;

/// <summary>Keeps the timeline of all loaded base models up to date; each read takes only the products that are new.</summary>
/// <param name="telemetry">What executors tell.</param>
/// <param name="clock">Clock.</param>
public sealed class TimelineReader(StudioTelemetry telemetry, TimeProvider clock)
{
    private readonly Dictionary<string, long> _read = new(StringComparer.Ordinal);

    /// <summary>The timeline.</summary>
    public TimelineSlots Slots { get; } = new(clock);

    /// <summary>Begins anew: the next frame shows the whole window.</summary>
    public void Restart()
    {
        _read.Clear();
        Slots.Clear();
    }

    /// <summary>Reads what happened until now and returns what changed of the picture.</summary>
    public TimelineFrame Read()
    {
        Slots.Advance();
        var views = telemetry.ReadExecutors();
        foreach (string gone in _read.Keys.Except(views.Select(view => view.ModelId)).ToArray())
            _read.Remove(gone);
        // First of all, so that lanes stand in the order of the clients' coming.
        Slots.Attach(views.SelectMany(view => view.Counters.Clients.Select(client => (view.ModelId, client.Name, client.Interactive))));
        foreach (var view in views)
        {
            long until = _read.GetValueOrDefault(view.ModelId, Slots.Start);
            foreach (var span in telemetry.ReadTimeline(view.ModelId, until))
            {
                Slots.Add(view.ModelId, span);
                until = Math.Max(until, span.End);
            }
            _read[view.ModelId] = until;
        }
        return Slots.Take();
    }
}
