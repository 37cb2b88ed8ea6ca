using System.Globalization;
using Microsoft.AspNetCore.Components;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Core.Telemetry;
using Studio.Web.Formatting;
using Studio.Web.Live;
using Studio.Web.Monitoring;

namespace Studio.Web.Components.Monitoring;

/// <summary>Memory at this moment: of the process, of the GPU, and of every owner by what it is used for.</summary>
public sealed partial class MemoryPanel
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private AdapterNames _adapters = null!;
    private IReadOnlyList<MemoryOwner> _owners = [];
    private IReadOnlyList<(MemoryCategory Category, long Bytes)> _categories = [];
    private MemoryView _memory = null!;

    [Inject] public required StudioTelemetry Telemetry { get; init; }

    [Inject] public required IModelService Models { get; init; }

    [Inject] public required IRunService Runs { get; init; }

    [Inject] public required IAdapterService Adapters { get; init; }

    [Inject] public required TimeProvider Clock { get; init; }

    private string ByCategoryText => string.Join(", ", _categories.Select(part => $"{MemoryText.NameOf(part.Category)} {BytesText.Format(part.Bytes)}"));

    protected override Task OnInitializedAsync()
    {
        _adapters = new AdapterNames(Adapters);
        Watch(_ => LiveSources.Event((Action handler) => Adapters.Changed += handler, handler => Adapters.Changed -= handler)(_adapters.Forget));
        Watch(LiveSources.Every(Clock, Interval));
        // The figures are there at the first render; names of adapters may follow.
        Read();
        return OnSignalAsync();
    }

    protected override async Task OnSignalAsync()
    {
        await _adapters.ReadAsync();
        Read();
    }

    private static string Segment(MemoryCategory category, long bytes, long whole) =>
        string.Create(CultureInfo.InvariantCulture, $"width: {100d * bytes / Math.Max(1, whole):0.###}%; background: {MemoryText.ColorOf(category)}");

    private static string PartsText(MemoryOwner owner) => string.Join(", ", owner.Parts.Select(part => $"{MemoryText.NameOf(part.Category)} {BytesText.Format(part.Bytes)}"));

    private void Read()
    {
        _memory = Telemetry.ReadMemory();
        _owners = new MemoryOwners(Models, Runs, Telemetry.Clients, _adapters.Known).Of(_memory.Owners);
        _categories = [.. _memory.Owners.ByCategory.OrderBy(entry => entry.Key).Select(entry => (entry.Key, entry.Value))];
    }
}
