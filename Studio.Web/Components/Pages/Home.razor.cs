using Microsoft.AspNetCore.Components;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Web.FineTunes;
using Studio.Web.Live;

namespace Studio.Web.Components.Pages;

/// <summary>What to do next, what trains now, and what is in memory.</summary>
public sealed partial class Home
{
    // The steps name a run's progress and the models their clients; between changes of state it is enough to look now and then.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private IReadOnlyList<NextStep> _steps = [];
    private IReadOnlyList<string> _activeIds = [];
    private IReadOnlyList<LoadedModelInfo> _models = [];
    private volatile IReadOnlyList<DatasetRecord>? _datasets;
    private Refusal? _failure;

    [Inject] public required IRunService Runs { get; init; }

    [Inject] public required IModelService Models { get; init; }

    [Inject] public required IDatasetService Datasets { get; init; }

    [Inject] public required TimeProvider Clock { get; init; }

    protected override Task OnInitializedAsync()
    {
        Watch(LiveSources.Event((Action<string> handler) => Runs.StateChanged += handler, handler => Runs.StateChanged -= handler));
        Watch(signal => LiveSources.Event((Action handler) => Datasets.Changed += handler, handler => Datasets.Changed -= handler)(() =>
        {
            _datasets = null;
            signal();
        }));
        Watch(LiveSources.Every(Clock, Interval));
        return ReadAsync();
    }

    protected override Task OnSignalAsync() => ReadAsync();

    private async Task ReadAsync()
    {
        _models = Models.Loaded;
        _activeIds = [.. Runs.Active().Select(run => run.Record.Id)];
        try
        {
            var datasets = _datasets ??= await Datasets.ListAsync();
            _steps = NextSteps.Of(Runs.Runs, datasets, _models.Count > 0);
            _failure = null;
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _failure = refusal;
        }
    }
}
