using Microsoft.AspNetCore.Components;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Web.FineTunes;
using Studio.Web.Live;

namespace Studio.Web.Components.Pages;

/// <summary>All runs. The page renders again when the list changes; each row keeps up with its own run.</summary>
public sealed partial class RunListPage
{
    private readonly List<string> _chosen = [];
    private IReadOnlyList<string> _ids = [];
    private volatile RunNames? _names;
    private Refusal? _failure;

    [Inject] public required IRunService Runs { get; init; }

    [Inject] public required IModelService Models { get; init; }

    [Inject] public required IDatasetService Datasets { get; init; }

    protected override Task OnInitializedAsync()
    {
        Watch(LiveSources.Event((Action<string> handler) => Runs.StateChanged += handler, handler => Runs.StateChanged -= handler));
        Watch(signal => LiveSources.Event((Action handler) => Datasets.Changed += handler, handler => Datasets.Changed -= handler)(() =>
        {
            _names = null;
            signal();
        }));
        return ReadAsync();
    }

    protected override Task OnSignalAsync() => ReadAsync();

    private async Task ReadAsync()
    {
        _ids = [.. Runs.Runs.Select(run => run.Record.Id)];
        _chosen.RemoveAll(id => !_ids.Contains(id));
        try
        {
            _names ??= await RunNames.ReadAsync(Models, Datasets);
            _failure = null;
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _failure = refusal;
        }
    }

    private void Choose(string id, bool chosen)
    {
        _chosen.Remove(id);
        if (chosen)
            _chosen.Add(id);
    }
}
