using Microsoft.AspNetCore.Components;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Web.Datasets;
using Studio.Web.FineTunes;
using Studio.Web.Formatting;
using Studio.Web.Live;

namespace Studio.Web.Components.Pages;

/// <summary>All data sets, and the place to add one.</summary>
public sealed partial class DatasetListPage
{
    private IReadOnlyList<DatasetRecord>? _datasets;
    private volatile bool _current;
    private IReadOnlyDictionary<string, DatasetUse> _uses = new Dictionary<string, DatasetUse>();
    private Refusal? _failure;

    [Inject] public required IDatasetService Datasets { get; init; }

    [Inject] public required IRunService Runs { get; init; }

    protected override Task OnInitializedAsync()
    {
        Watch(LiveSources.Event((Action<string> handler) => Runs.StateChanged += handler, handler => Runs.StateChanged -= handler));
        Watch(signal => LiveSources.Event((Action handler) => Datasets.Changed += handler, handler => Datasets.Changed -= handler)(() =>
        {
            _current = false;
            signal();
        }));
        return ReadAsync();
    }

    protected override Task OnSignalAsync() => ReadAsync();

    private string UseText(string datasetId)
    {
        if (!_uses.TryGetValue(datasetId, out var use))
            return NumberText.None;
        var runs = use.Runs.Count == 1 ? "1 run" : $"{NumberText.Count(use.Runs.Count)} runs";
        return use.StateText.Length > 0 ? $"{runs}, {use.StateText}" : runs;
    }

    private async Task ReadAsync()
    {
        _uses = DatasetUse.Of(Runs.Runs);
        if (_current)
            return;
        _current = true;
        try
        {
            _datasets = await Datasets.ListAsync();
            _failure = null;
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            (_current, _failure) = (false, refusal);
        }
    }
}
