using Microsoft.AspNetCore.Components;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Pages;

/// <summary>Sets up fine-tunes: one run for each chosen dataset. The engine checks the form while it is filled in.</summary>
public sealed partial class RunStartPage : IDisposable
{
    private static readonly TimeSpan TypingPause = TimeSpan.FromMilliseconds(200);

    private readonly RunForm _form = new(RunPreset.Balanced);
    private IReadOnlyList<DatasetRecord> _datasets = [];
    private IReadOnlyList<string> _modelIds = [];
    private RunNames _names = RunNames.None;
    private RunInspection _inspection = new();
    private Refusal? _failure;
    private Refusal? _inspectionFailure;
    private CancellationTokenSource? _inspecting;
    private bool _starting;

    /// <summary>Dataset that is chosen when the page opens.</summary>
    [SupplyParameterFromQuery(Name = "dataset")] private string? DatasetId { get; set; }

    [Inject] public required IRunService Runs { get; init; }

    [Inject] public required IModelService Models { get; init; }

    [Inject] public required IDatasetService Datasets { get; init; }

    [Inject] public required IAdapterService Adapters { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    [Inject] public required TimeProvider Clock { get; init; }

    private string NamePlaceholder => _form.DatasetIds.Count switch
    {
        0 => "Named after the dataset",
        1 => _names.Dataset(_form.DatasetIds[0]),
        _ => "Each named after its dataset",
    };

    private long BaseParameters => Models.Loaded.FirstOrDefault(model => model.Record.Id == _form.ModelId)?.Record.Parameters ?? 0;

    private string StartText => _form.DatasetIds.Count > 1 ? $"Start {_form.DatasetIds.Count} fine-tunes" : "Start the fine-tune";

    protected override async Task OnInitializedAsync()
    {
        _modelIds = [.. Models.Loaded.Select(model => model.Record.Id)];
        if (_modelIds.Count > 0)
            SetModel(_modelIds[0]);
        try
        {
            _datasets = await Datasets.ListAsync();
            _names = await RunNames.ReadAsync(Models, Datasets);
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _failure = refusal;
            return;
        }
        if (_datasets.Any(dataset => dataset.Id == DatasetId))
            _form.DatasetIds.Add(DatasetId!);
        else if (!string.IsNullOrEmpty(DatasetId))
            _failure = new Refusal($"There is no dataset '{DatasetId}' any more. Choose another one.", null);
        await InspectAsync(CancellationToken.None);
    }

    private Task ToggleDataset(string id)
    {
        if (!_form.DatasetIds.Remove(id))
            _form.DatasetIds.Add(id);
        return InspectSoonAsync();
    }

    private Task ChooseModel(string id)
    {
        SetModel(id);
        return InspectSoonAsync();
    }

    private Task ApplyPreset(RunPreset preset)
    {
        _form.Apply(preset);
        return InspectSoonAsync();
    }

    private void SetModel(string id) => (_form.ModelId, _form.KnownTargets) = (id, Models.Targets(id));

    private async Task InspectSoonAsync()
    {
        _inspecting?.Cancel();
        _inspecting?.Dispose();
        _inspecting = new CancellationTokenSource();
        try
        {
            await Task.Delay(TypingPause, Clock, _inspecting.Token);
            await InspectAsync(_inspecting.Token);
        }
        catch (OperationCanceledException)
        {
            // A later change is inspected instead.
        }
    }

    private async Task InspectAsync(CancellationToken ct)
    {
        try
        {
            var inspection = await new RunInspector(Runs, Adapters).InspectAsync(_form, _names.Dataset, ct);
            ct.ThrowIfCancellationRequested();
            (_inspection, _inspectionFailure) = (inspection, null);
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _inspectionFailure = refusal;
        }
    }

    private async Task StartAsync()
    {
        _starting = true;
        _failure = null;
        // The last keystroke may not have been inspected yet.
        await InspectAsync(CancellationToken.None);
        if (!_inspection.IsSound || _inspectionFailure is not null)
        {
            _starting = false;
            return;
        }
        var outcome = await new RunStarter(Runs).StartAsync([.. _form.DatasetIds.Select(id => _form.ToRequest(id, _names.Dataset(id)))]);
        _starting = false;
        if (outcome.Failure is { } failure)
        {
            // What runs already must not be started again by a second attempt.
            foreach (var run in outcome.Started)
                _form.DatasetIds.Remove(run.Record.DatasetId);
            _failure = outcome.Started.Count == 0 ? failure : failure with { Message = $"{outcome.Started.Count} started, then: {failure.Message}" };
            return;
        }
        Navigation.NavigateTo(outcome.Started is [var only] ? $"/runs/{only.Record.Id}" : CompareState.UriOf(outcome.Started.Select(run => run.Record.Id)));
    }

    public void Dispose()
    {
        _inspecting?.Cancel();
        _inspecting?.Dispose();
    }
}
