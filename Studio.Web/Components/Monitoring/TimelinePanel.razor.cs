using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Studio.Core.Serving;
using Studio.Web.Live;
using Studio.Web.Monitoring;
using Studio.Web.Theme;

namespace Studio.Web.Components.Monitoring;

/// <summary>
/// The last seconds of every base model, a lane for each client. The server divides them into slots and sends only those that changed;
/// a script draws. While the picture is paused or its tab is hidden nothing is read and nothing travels.
/// </summary>
public sealed partial class TimelinePanel : IAsyncDisposable
{
    private const int LaneHeight = 28;
    private const int AxisHeight = 22;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly LiveRefresh _live;
    private ElementReference _canvas;
    private ElementReference _readout;
    private TimelineReader _reader = null!;
    private IReadOnlyList<TimelineLane> _lanes = [];
    private DotNetObjectReference<TimelinePanel>? _self;
    private IJSObjectReference? _module;
    private bool _paused;
    private bool _hidden;
    private bool _tableOpen;

    public TimelinePanel() => _live = new LiveRefresh(InvokeAsync, DrawAsync, DispatchExceptionAsync);

    [Inject] public required StudioTelemetry Telemetry { get; init; }

    [Inject] public required IModelService Models { get; init; }

    [Inject] public required SeriesColors Colors { get; init; }

    [Inject] public required TimeProvider Clock { get; init; }

    [Inject] public required IJSRuntime Runtime { get; init; }

    private string Height => string.Create(CultureInfo.InvariantCulture, $"{(_lanes.Count == 0 ? 0 : _lanes.Count * LaneHeight + AxisHeight)}px");

    /// <summary>Called by the browser when its tab is shown or hidden.</summary>
    [JSInvokable]
    public void SetVisible(bool visible)
    {
        _hidden = !visible;
        if (visible)
            Restart();
    }

    protected override void OnInitialized() => _reader = new TimelineReader(Telemetry, Clock);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        try
        {
            _self = DotNetObjectReference.Create(this);
            _module = await Runtime.InvokeAsync<IJSObjectReference>("import", "/js/timeline.js");
            await _module.InvokeVoidAsync("open", _canvas, _readout, _self, new { slots = TimelineSlots.Count, slotSeconds = TimelineSlots.Length.TotalSeconds, laneHeight = LaneHeight });
        }
        catch (Exception exception) when (exception is JSDisconnectedException or OperationCanceledException)
        {
            // The browser left while the page was being set up.
            return;
        }
        _live.Watch(LiveSources.Every(Clock, Interval));
        _live.Signal();
    }

    private async Task DrawAsync()
    {
        if (_module is null || _paused || _hidden)
            return;
        var frame = _reader.Read();
        var lanes = _reader.Slots.Lanes;
        if (_tableOpen || !lanes.SequenceEqual(_lanes))
        {
            _lanes = lanes;
            StateHasChanged();
        }
        try
        {
            await _module.InvokeVoidAsync("draw", _canvas, frame, _lanes.Select(lane => new { name = NameOf(lane), color = ColorOf(lane) }));
        }
        catch (Exception exception) when (exception is JSDisconnectedException or OperationCanceledException or ObjectDisposedException)
        {
            // The page is closing.
        }
    }

    private void TogglePause()
    {
        _paused = !_paused;
        if (!_paused)
            Restart();
    }

    private void ToggleTable() => _tableOpen = !_tableOpen;

    private void Restart()
    {
        _reader.Restart();
        _live.Signal();
    }

    // The same client name on several models needs the model's name.
    private string NameOf(TimelineLane lane) => _lanes.Select(other => other.ModelId).Distinct().Skip(1).Any()
        ? $"{lane.Client} · {Models.Loaded.FirstOrDefault(model => model.Record.Id == lane.ModelId)?.Record.Name ?? lane.ModelId}"
        : lane.Client;

    private string ColorOf(TimelineLane lane) =>
        (ClientRuns.Find(Telemetry.Clients, lane.ModelId, lane.Client, lane.Interactive) is { } run ? Colors.StyleOf(run) : SeriesStyle.Muted).CssColor;

    public async ValueTask DisposeAsync()
    {
        _live.Dispose();
        try
        {
            if (_module is not null)
            {
                await _module.InvokeVoidAsync("close", _canvas);
                await _module.DisposeAsync();
            }
        }
        catch (Exception exception) when (exception is JSDisconnectedException or OperationCanceledException)
        {
            // The page is gone, and its listeners with it.
        }
        _self?.Dispose();
    }
}
