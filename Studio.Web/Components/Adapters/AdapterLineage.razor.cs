using Microsoft.AspNetCore.Components;
using Studio.Core;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Core.Storage;

namespace Studio.Web.Components.Adapters;

/// <summary>Where an adapter comes from and what was made from it.</summary>
public sealed partial class AdapterLineage
{
    private AdapterRecord? _shown;
    private AdapterRecord? _parent;
    private DatasetRecord? _dataset;
    private IReadOnlyList<AdapterRecord> _children = [];

    /// <summary>The adapter.</summary>
    [Parameter, EditorRequired] public required AdapterRecord Adapter { get; set; }

    /// <summary>Name of its base model.</summary>
    [Parameter, EditorRequired] public required string BaseName { get; set; }

    [Inject] public required IAdapterService Adapters { get; init; }

    [Inject] public required IDatasetService Datasets { get; init; }

    [Inject] public required IRunService Runs { get; init; }

    private string OriginText => Adapter.Source switch
    {
        AdapterSource.Import => Adapter.SourceName.Length > 0 ? $"Imported from {Adapter.SourceName}" : "Imported",
        AdapterSource.Copy => "Copied",
        AdapterSource.Combination => "Combined of several adapters",
        AdapterSource.Run => "Made by a fine-tune",
        _ => "Created untrained",
    };

    protected override async Task OnParametersSetAsync()
    {
        // The page reads the adapter anew whenever any adapter changed: a new record says that the family may have changed too.
        if (ReferenceEquals(_shown, Adapter))
            return;
        _shown = Adapter;
        var all = await Adapters.ListAsync();
        _parent = Adapter.ParentId is { } parent ? all.FirstOrDefault(adapter => adapter.Id == parent) : null;
        _children = [.. all.Where(adapter => adapter.ParentId == Adapter.Id)];
        _dataset = Adapter.DatasetId is { } dataset ? await FindAsync(dataset) : null;
    }

    private async Task<DatasetRecord?> FindAsync(string id)
    {
        try
        {
            return await Datasets.GetAsync(id);
        }
        catch (NotFoundException)
        {
            return null;
        }
    }
}
