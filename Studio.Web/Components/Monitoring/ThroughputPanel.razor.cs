using Microsoft.AspNetCore.Components;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Web.Charts;
using Studio.Web.Formatting;
using Studio.Web.Live;
using Studio.Web.Monitoring;
using Studio.Web.Theme;

namespace Studio.Web.Components.Monitoring;

/// <summary>Tokens per second of every run, of chats and of all together. Renders only when a run comes or goes.</summary>
public sealed partial class ThroughputPanel
{
    private IReadOnlyList<ChartLine> _lines = [];
    private bool _changed = true;

    [Inject] public required StudioTelemetry Telemetry { get; init; }

    [Inject] public required IRunService Runs { get; init; }

    [Inject] public required SeriesColors Colors { get; init; }

    [Inject] public required TimeProvider Clock { get; init; }

    protected override void OnInitialized()
    {
        Watch(LiveSources.Every(Clock, MonitorSampler.Interval));
        _lines = Read();
    }

    protected override Task OnSignalAsync()
    {
        var lines = Read();
        _changed = !lines.SequenceEqual(_lines);
        if (_changed)
            _lines = lines;
        return Task.CompletedTask;
    }

    protected override bool ShouldRender() => _changed;

    private static string TextOf(double value) => double.IsNaN(value) ? NumberText.None : NumberText.Compact(value);

    private IReadOnlyList<ChartLine> Read() => ThroughputHistory.Lines(Telemetry.Metrics, Runs.Runs, Colors);
}
