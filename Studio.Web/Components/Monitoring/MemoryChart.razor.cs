using Microsoft.AspNetCore.Components;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Web.Charts;
using Studio.Web.Formatting;
using Studio.Web.Live;
using Studio.Web.Monitoring;
using Studio.Web.Theme;

namespace Studio.Web.Components.Monitoring;

/// <summary>Memory over time as areas on each other: of the whole process, of what owners hold by use, or by owner. Renders only when its lines change.</summary>
public sealed partial class MemoryChart
{
    private static readonly (MemoryStack Stack, string Name)[] Stacks = [(MemoryStack.Process, "Whole process"), (MemoryStack.Uses, "By use"), (MemoryStack.Owners, "By owner")];

    private AdapterNames _adapters = null!;
    private MemoryStack _stack;
    private IReadOnlyList<ChartLine> _lines = [];
    private bool _changed;

    /// <summary>What the areas add up to.</summary>
    private enum MemoryStack
    {
        Process,
        Uses,
        Owners,
    }

    [Inject] public required StudioTelemetry Telemetry { get; init; }

    [Inject] public required IModelService Models { get; init; }

    [Inject] public required IRunService Runs { get; init; }

    [Inject] public required IAdapterService Adapters { get; init; }

    [Inject] public required SeriesColors Colors { get; init; }

    [Inject] public required TimeProvider Clock { get; init; }

    private string LabelText => _stack switch
    {
        MemoryStack.Process => "Memory of the process over time, by use",
        MemoryStack.Uses => "Memory that owners hold over time, by use",
        _ => "Memory over the last ten minutes, by owner",
    };

    protected override void OnInitialized()
    {
        _adapters = new AdapterNames(Adapters);
        Watch(_ => LiveSources.Event((Action handler) => Adapters.Changed += handler, handler => Adapters.Changed -= handler)(_adapters.Forget));
        Watch(LiveSources.Every(Clock, MonitorSampler.Interval));
        _lines = Lines();
    }

    protected override async Task OnSignalAsync()
    {
        if (_stack != MemoryStack.Owners)
            return;
        await _adapters.ReadAsync();
        var lines = Lines();
        if (!lines.SequenceEqual(_lines))
            (_lines, _changed) = (lines, true);
    }

    protected override bool ShouldRender()
    {
        var changed = _changed;
        _changed = false;
        return changed;
    }

    private static string TextOf(double mebibytes) => double.IsNaN(mebibytes) ? NumberText.None : BytesText.Format((long)(mebibytes * 1048576));

    // Beside a large process small owners cannot be told apart.
    private async Task ShowAsync(MemoryStack stack)
    {
        if (stack == MemoryStack.Owners)
            await _adapters.ReadAsync();
        _stack = stack;
        (_lines, _changed) = (Lines(), true);
    }

    private IReadOnlyList<ChartLine> Lines()
    {
        if (_stack == MemoryStack.Uses)
            return MemoryHistory.Areas;
        var memory = Telemetry.ReadMemory();
        return _stack == MemoryStack.Process
            ? MemoryHistory.Lines(memory.Process.Gpu is not null)
            : OwnerHistory.Lines(new MemoryOwners(Models, Runs, Telemetry.Clients, _adapters.Known).Of(memory.Owners), Runs.Runs, Colors);
    }
}
