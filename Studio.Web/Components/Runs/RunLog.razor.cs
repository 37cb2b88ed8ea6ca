using Microsoft.AspNetCore.Components;
using Studio.Core.Serving;
using Studio.Core.Telemetry;
using Studio.Web.Live;

namespace Studio.Web.Components.Runs;

/// <summary>The log of a run, the newest line at the bottom; it stays at the bottom unless the user scrolls up.</summary>
public sealed partial class RunLog
{
    /// <summary>Lines that are shown.</summary>
    public const int MostLines = 500;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(400);

    private readonly List<EventLine> _lines = [];

    /// <summary>Id of the run.</summary>
    [Parameter, EditorRequired] public required string RunId { get; set; }

    [Inject] public required StudioTelemetry Telemetry { get; init; }

    protected override void OnInitialized()
    {
        Watch(LiveSources.Of(Telemetry.Changes, RunId, Interval));
        Read();
    }

    protected override Task OnSignalAsync()
    {
        Read();
        return Task.CompletedTask;
    }

    private void Read()
    {
        _lines.AddRange(Telemetry.Log.Read(RunId, _lines.Count > 0 ? _lines[^1].Index : 0));
        if (_lines.Count > MostLines)
            _lines.RemoveRange(0, _lines.Count - MostLines);
    }
}
