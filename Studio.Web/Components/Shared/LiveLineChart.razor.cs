using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Plotly.Blazor;
using Plotly.Blazor.Traces;
using Studio.Web.Theme;
using ChartLayout = Plotly.Blazor.Layout;

namespace Studio.Web.Components.Shared;

/// <summary>
/// A line chart that grows. New points travel alone, in one call for all lines; the whole chart is drawn again only when its series,
/// its axes or the theme change. Points given before the browser is ready wait. The height is fixed, so the page does not jump.
/// </summary>
public sealed partial class LiveLineChart : IDisposable
{
    private static readonly IDictionary<string, object> PlotAttributes = new Dictionary<string, object> { ["class"] = "studio-chart-plot" };

    private readonly Config _config = ChartTheme.CreateConfig();
    private readonly List<ChartPoints> _waiting = [];
    private ElementReference _frame;
    private PlotlyChart? _chart;
    private IList<ITrace>? _data;
    private ChartLayout _layout = new();
    private IReadOnlyList<ChartSeries> _drawnSeries = [];
    private (ChartAxes Axes, string Unit) _drawnAxes;
    private long _pointCount;
    private bool _libraryLoaded;
    private bool _ready;
    private bool _stale;

    /// <summary>The lines, in the order of the legend.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<ChartSeries> Series { get; set; }

    /// <summary>What a screen reader says.</summary>
    [Parameter, EditorRequired] public required string Label { get; set; }

    /// <summary>Title of the horizontal axis. Default: Step.</summary>
    [Parameter] public string XTitle { get; set; } = "Step";

    /// <summary>Title of the vertical axis. Default: none.</summary>
    [Parameter] public string YTitle { get; set; } = "";

    /// <summary>Unit of the values, shown on hover. Default: none.</summary>
    [Parameter] public string Unit { get; set; } = "";

    /// <summary>Whether the vertical axis is logarithmic. Default: false.</summary>
    [Parameter] public bool LogarithmicY { get; set; }

    /// <summary>Height in pixels. Default: 320.</summary>
    [Parameter] public int Height { get; set; } = 320;

    /// <summary>Whether horizontal positions are times of day, in milliseconds since 1970. Default: false.</summary>
    [Parameter] public bool ClockX { get; set; }

    /// <summary>Whether the chart has a legend of its own. Default: true.</summary>
    [Parameter] public bool Legend { get; set; } = true;

    /// <summary>Points kept per line; older ones leave. Default: 5000.</summary>
    [Parameter] public int MaxPoints { get; set; } = 5000;

    /// <summary>What is shown while there are no points.</summary>
    [Parameter] public string EmptyText { get; set; } = "No points yet.";

    [Inject] public required ThemeState Theme { get; init; }

    [Inject] public required IJSRuntime Runtime { get; init; }

    protected override void OnInitialized() => Theme.Changed += OnThemeChanged;

    protected override void OnParametersSet()
    {
        var axes = (new ChartAxes(XTitle, YTitle, LogarithmicY, Height, ClockX, Legend), Unit);
        if (_data is not null && axes == _drawnAxes && Series.SequenceEqual(_drawnSeries))
            return;
        Rebuild(axes);
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
            await WhileOpenAsync(LoadLibraryAsync);
        if (!_stale || !_ready)
            return;
        _stale = false;
        await CallAsync(chart => chart.React());
        await FlushAsync();
    }

    /// <summary>Adds points to one line. Points of a series that the chart does not show are ignored.</summary>
    public Task AppendAsync(string seriesId, IReadOnlyList<double> xs, IReadOnlyList<double> ys) => AppendAsync([new ChartPoints(seriesId, xs, ys)]);

    /// <summary>Adds points to several lines in one call to the browser.</summary>
    /// <exception cref="ArgumentException">The two coordinates of a series differ in length.</exception>
    public async Task AppendAsync(IReadOnlyList<ChartPoints> points)
    {
        foreach (var part in points.Where(part => part.Xs.Count != part.Ys.Count))
            throw new ArgumentException($"Series '{part.SeriesId}' has {part.Xs.Count} positions and {part.Ys.Count} values; wanted as many of each.", nameof(points));

        ChartPoints[] shown = [.. points.Where(part => part.Xs.Count > 0 && IndexOf(part.SeriesId) >= 0)];
        if (shown.Length == 0)
            return;
        // Points that wait go first, or a line would run backwards.
        if (!_ready || _stale || _waiting.Count > 0)
            _waiting.AddRange(shown);
        else
            await ExtendAsync(shown);
    }

    private async Task ExtendAsync(ChartPoints[] shown)
    {
        await CallAsync(chart => chart.ExtendTraces(
            shown.Select(part => LineTraces.ToJson(part.Xs)),
            shown.Select(part => LineTraces.ToJson(part.Ys)),
            shown.Select(part => IndexOf(part.SeriesId)),
            MaxPoints));
        Count(shown);
    }

    /// <summary>Replaces all points, for another axis or smoothing: one full draw.</summary>
    public async Task ReplaceAsync(IReadOnlyList<ChartPoints> points)
    {
        _waiting.Clear();
        foreach (var trace in (_data ?? []).Cast<Scatter>())
            (trace.X, trace.Y) = ([], []);
        _pointCount = 0;
        if (!_ready)
        {
            await AppendAsync(points);
            return;
        }
        ChartPoints[] shown = [.. points.Where(part => IndexOf(part.SeriesId) >= 0)];
        foreach (var part in shown)
        {
            var trace = (Scatter)_data![IndexOf(part.SeriesId)];
            (trace.X, trace.Y) = (LineTraces.ToJson(part.Xs), LineTraces.ToJson(part.Ys));
        }
        Count(shown);
        // A chart that is about to be drawn anyway takes these points along.
        if (!_stale)
            await CallAsync(chart => chart.React());
        StateHasChanged();
    }

    private void OnChartReady()
    {
        _ready = true;
        _ = InvokeAsync(async () =>
        {
            await FlushAsync();
            await WhileOpenAsync(FollowFrameAsync);
        });
    }

    private async Task LoadLibraryAsync()
    {
        await using var module = await Runtime.InvokeAsync<IJSObjectReference>("import", "/js/chart-library.js");
        await module.InvokeVoidAsync("load", PlotlyAssets.Interop, PlotlyAssets.Script);
        _libraryLoaded = true;
        StateHasChanged();
    }

    private async Task FollowFrameAsync()
    {
        await using var module = await Runtime.InvokeAsync<IJSObjectReference>("import", "/js/chart-size.js");
        await module.InvokeVoidAsync("follow", _frame);
    }

    private async Task FlushAsync()
    {
        ChartPoints[] waiting =
        [
            .. from part in _waiting
               where IndexOf(part.SeriesId) >= 0
               group part by part.SeriesId into parts
               select new ChartPoints(parts.Key, [.. parts.SelectMany(part => part.Xs)], [.. parts.SelectMany(part => part.Ys)]),
        ];
        _waiting.Clear();
        if (waiting.Length > 0)
            await ExtendAsync(waiting);
    }

    private void Rebuild((ChartAxes Axes, string Unit) axes)
    {
        var old = _drawnSeries.Select((series, index) => (series.Id, Trace: _data![index])).ToDictionary(pair => pair.Id, pair => pair.Trace, StringComparer.Ordinal);
        _data = [.. Series.Select(series => old.TryGetValue(series.Id, out var trace)
            ? LineTraces.Restyle(trace, series, Theme.IsDark, axes.Unit)
            : LineTraces.Create(series, Theme.IsDark, axes.Unit))];
        var numbers = CultureInfo.CurrentCulture.NumberFormat;
        _layout = ChartTheme.CreateLayout(axes.Axes, Theme.IsDark, numbers.NumberDecimalSeparator + numbers.NumberGroupSeparator);
        _drawnSeries = [.. Series];
        _drawnAxes = axes;
        _pointCount = _data.Cast<Scatter>().Sum(trace => (long)trace.X.Count);
        _stale = _ready;
    }

    private void OnThemeChanged() => InvokeAsync(() =>
    {
        Rebuild(_drawnAxes);
        StateHasChanged();
    });

    private int IndexOf(string seriesId)
    {
        for (var index = 0; index < _drawnSeries.Count; index++)
        {
            if (_drawnSeries[index].Id == seriesId)
                return index;
        }
        return -1;
    }

    private void Count(ChartPoints[] added)
    {
        var wasEmpty = _pointCount == 0;
        _pointCount += added.Sum(part => (long)part.Xs.Count);
        if (wasEmpty)
            StateHasChanged();
    }

    private Task CallAsync(Func<PlotlyChart, Task> call) => WhileOpenAsync(() => _chart is { } chart ? call(chart) : Task.CompletedTask);

    private static async Task WhileOpenAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception exception) when (exception is JSDisconnectedException or OperationCanceledException or ObjectDisposedException)
        {
            // The page is closing; what it showed is in the engine.
        }
    }

    public void Dispose() => Theme.Changed -= OnThemeChanged;
}
