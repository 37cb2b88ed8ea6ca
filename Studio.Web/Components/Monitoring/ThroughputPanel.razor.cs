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
    private bool _each;
    private bool _changed;

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
        if (!lines.SequenceEqual(_lines))
            (_lines, _changed) = (lines, true);
        return Task.CompletedTask;
    }

    protected override bool ShouldRender()
    {
        var changed = _changed;
        _changed = false;
        return changed;
    }

    private static string TextOf(double value) => double.IsNaN(value) ? NumberText.None : NumberText.Compact(value);

    // Beside the total of many runs a single one is hard to see.
    private void Show(bool each)
    {
        _each = each;
        (_lines, _changed) = (Read(), true);
    }

    private IReadOnlyList<ChartLine> Read() => [.. ThroughputHistory.Lines(Telemetry.Metrics, Runs.Runs, Colors).Skip(_each ? 1 : 0)];
}
