using Microsoft.AspNetCore.Components;
using Studio.Core.Serving;
using Studio.Web.Charts;
using Studio.Web.Components.Shared;
using Studio.Web.Live;

namespace Studio.Web.Components.Charts;

/// <summary>
/// Draws series of the metric store and keeps up with them: what is stored already when it opens, then only what is new. Nothing on
/// the page renders again for a new point.
/// </summary>
public sealed partial class SeriesChart : IDisposable
{
    private static readonly TimeSpan UpdateInterval = TimeSpan.FromMilliseconds(250);

    private LiveRefresh? _live;
    private LiveLineChart? _chart;
    private ChartFeed? _feed;
    private IReadOnlyList<ChartLine> _lines = [];
    private IReadOnlyList<ChartSeries> _series = [];
    private (XAxis X, double Smoothing) _view;
    private bool _changed;

    /// <summary>What to draw, in the order of the legend.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<ChartLine> Lines { get; set; }

    /// <summary>What a screen reader says.</summary>
    [Parameter, EditorRequired] public required string Label { get; set; }

    /// <summary>Horizontal axis. Default: steps.</summary>
    [Parameter] public XAxis X { get; set; }

    /// <summary>Weight of the smoothing, 0 to below 1. Default: 0, none.</summary>
    [Parameter] public double Smoothing { get; set; }

    /// <summary>Title of the vertical axis. Default: none.</summary>
    [Parameter] public string YTitle { get; set; } = "";

    /// <summary>Unit of the values, shown on hover. Default: none.</summary>
    [Parameter] public string Unit { get; set; } = "";

    /// <summary>Whether the vertical axis is logarithmic. Default: false.</summary>
    [Parameter] public bool LogarithmicY { get; set; }

    /// <summary>Whether the chart names its lines. Default: true.</summary>
    [Parameter] public bool Legend { get; set; } = true;

    /// <summary>How many of the newest points of each line it shows; null, the default, = all. Constant for a chart.</summary>
    [Parameter] public int? Newest { get; set; }

    /// <summary>Height in pixels. Default: 240.</summary>
    [Parameter] public int Height { get; set; } = 240;

    /// <summary>What is shown while there are no points.</summary>
    [Parameter] public string EmptyText { get; set; } = "The curve begins with the first step.";

    [Inject] public required StudioTelemetry Telemetry { get; init; }

    protected override void OnParametersSet()
    {
        if (_feed is not null && _view == (X, Smoothing) && Lines.SequenceEqual(_lines))
            return;
        (_lines, _view) = ([.. Lines], (X, Smoothing));
        _series = ChartFeed.SeriesOf(_lines, Smoothing);
        _feed = new ChartFeed(Telemetry.Metrics, _lines, X, Smoothing, Newest);
        _changed = true;
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
        {
            _live = new LiveRefresh(InvokeAsync, DrawAsync, DispatchExceptionAsync);
            _live.Watch(LiveSources.OfAll(Telemetry.Changes, UpdateInterval));
        }
        if (!_changed)
            return;
        _changed = false;
        _live?.Signal();
    }

    private async Task DrawAsync()
    {
        if (_chart is null || _feed is null)
            return;
        var update = _feed.Read();
        if (update.Replaces)
            await _chart.ReplaceAsync(update.Points);
        else if (update.Points.Count > 0)
            await _chart.AppendAsync(update.Points);
    }

    public void Dispose() => _live?.Dispose();
}
