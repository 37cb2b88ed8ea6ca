using Microsoft.AspNetCore.Components;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Web.Live;
using Studio.Web.Monitoring;

namespace Studio.Web.Components.Monitoring;

/// <summary>The newest lines of all runs' logs, the newest at the bottom.</summary>
public sealed partial class EventsPanel
{
    /// <summary>Lines that are shown.</summary>
    public const int MostEvents = 200;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private IReadOnlyList<RunEvent> _events = [];
    private RecentEvents _recent = null!;

    [Inject] public required StudioTelemetry Telemetry { get; init; }

    [Inject] public required IRunService Runs { get; init; }

    protected override void OnInitialized()
    {
        _recent = new RecentEvents(Telemetry.Log, MostEvents);
        Watch(LiveSources.OfAll(Telemetry.Changes, Interval));
        _events = _recent.Read(Runs.Runs);
    }

    protected override Task OnSignalAsync()
    {
        _events = _recent.Read(Runs.Runs);
        return Task.CompletedTask;
    }
}
