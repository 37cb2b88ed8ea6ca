using System.Globalization;
using Microsoft.AspNetCore.Components;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Core.Telemetry;
using Studio.Web.FineTunes;
using Studio.Web.Formatting;
using Studio.Web.Live;
using Studio.Web.Monitoring;

namespace Studio.Web.Components.Monitoring;

/// <summary>Memory at this moment: of the process, of the GPU, and of every owner by what it is used for.</summary>
public sealed partial class MemoryPanel
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private volatile IReadOnlyDictionary<string, string>? _adapterNames;
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
        Watch(signal => LiveSources.Event((Action handler) => Adapters.Changed += handler, handler => Adapters.Changed -= handler)(() => _adapterNames = null));
        Watch(LiveSources.Every(Clock, Interval));
        // The figures are there at the first render; names of adapters may follow.
        Read();
        return OnSignalAsync();
    }

    protected override async Task OnSignalAsync()
    {
        if (_adapterNames is null)
        {
            try
            {
                _adapterNames = (await Adapters.ListAsync()).ToDictionary(adapter => adapter.Id, adapter => adapter.Name, StringComparer.Ordinal);
            }
            catch (Exception exception) when (Refusal.Of(exception) is not null)
            {
                // Ids stand in for names; the figures do not depend on them.
                _adapterNames = new Dictionary<string, string>();
            }
        }
        Read();
    }

    private static string Segment(MemoryCategory category, long bytes, long whole) =>
        string.Create(CultureInfo.InvariantCulture, $"width: {100d * bytes / Math.Max(1, whole):0.###}%; background: {MemoryText.ColorOf(category)}");

    private static string PartsText(MemoryOwner owner) => string.Join(", ", owner.Parts.Select(part => $"{MemoryText.NameOf(part.Category)} {BytesText.Format(part.Bytes)}"));

    private void Read()
    {
        _memory = Telemetry.ReadMemory();
        _owners = new MemoryOwners(Models, Runs, Telemetry.Clients, _adapterNames ?? new Dictionary<string, string>()).Of(_memory.Owners);
        _categories = [.. _memory.Owners.ByCategory.OrderBy(entry => entry.Key).Select(entry => (entry.Key, entry.Value))];
    }
}
