using Microsoft.AspNetCore.Components;
using MudBlazor;
using Studio.Core;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Web.Components.Shared;
using Studio.Web.Datasets;
using Studio.Web.FineTunes;
using Studio.Web.Live;

namespace Studio.Web.Components.Pages;

/// <summary>One data set: facts, tokens, a row as the model sees it, and what was refused. The view is a <see cref="PreviewState"/> in the page's address.</summary>
public sealed partial class DatasetDetailPage
{
    private readonly AddressWatch _address = new();
    private PreviewState _state = new() { DatasetId = "" };
    private DatasetRecord? _dataset;
    private DatasetUse _use = DatasetUse.None;
    private IReadOnlyList<DatasetProblem> _problems = [];
    private IReadOnlyList<string> _modelIds = [];
    private LoadedModelInfo? _model;
    private Refusal? _failure;
    private bool _read;
    private bool _deleted;
    private bool _deleting;

    /// <summary>Id of the data set.</summary>
    [Parameter] public required string Id { get; set; }

    [SupplyParameterFromQuery(Name = "model")] private string? ModelText { get; set; }

    [SupplyParameterFromQuery(Name = "row")] private string? RowText { get; set; }

    [SupplyParameterFromQuery(Name = "length")] private string? LengthText { get; set; }

    [CascadingParameter] private HttpContext? Request { get; set; }

    [Inject] public required IDatasetService Datasets { get; init; }

    [Inject] public required IModelService Models { get; init; }

    [Inject] public required IRunService Runs { get; init; }

    [Inject] public required IDialogService Dialogs { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    protected override void OnInitialized()
    {
        Watch(LiveSources.Event((Action<string> handler) => Runs.StateChanged += handler, handler => Runs.StateChanged -= handler));
        Watch(LiveSources.Event((Action handler) => Datasets.Changed += handler, handler => Datasets.Changed -= handler));
    }

    protected override async Task OnParametersSetAsync()
    {
        var asked = PreviewState.Parse(Id, ModelText, RowText, LengthText);
        if (!_address.IsNews(asked.ToUri()))
            return;
        var other = asked.DatasetId != _state.DatasetId;
        _state = asked;
        ChooseModel();
        if (!other)
            return;
        (_dataset, _deleted, _read) = (null, false, false);
        await ReadAsync();
        // While the page is only being prepared for its first answer, a missing data set is a missing page.
        if (_dataset is null && _failure is null && Request is { Response.HasStarted: false } request)
            request.Response.StatusCode = StatusCodes.Status404NotFound;
    }

    protected override Task OnSignalAsync() => ReadAsync();

    private string NameOf(string modelId) => Models.Loaded.FirstOrDefault(model => model.Record.Id == modelId)?.Record.Name ?? modelId;

    private void ChooseModel()
    {
        var loaded = Models.Loaded;
        _modelIds = [.. loaded.Select(model => model.Record.Id)];
        _model = loaded.FirstOrDefault(model => model.Record.Id == _state.ModelId) ?? (loaded.Count > 0 ? loaded[0] : null);
    }

    private async Task ReadAsync()
    {
        var id = Id;
        ChooseModel();
        try
        {
            var dataset = await Datasets.GetAsync(id);
            var problems = _dataset is null && dataset.BadRows > 0 ? await Datasets.ProblemsAsync(id) : _problems;
            if (id != Id)
                return;
            _use = DatasetUse.Of(Runs.Runs).GetValueOrDefault(id, DatasetUse.None);
            (_dataset, _problems, _failure) = (dataset, problems, null);
        }
        catch (NotFoundException)
        {
            (_deleted, _dataset, _failure) = (_deleted || _dataset is not null, null, null);
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _failure = refusal;
        }
        _read = true;
    }

    private void Show(PreviewState state)
    {
        var uri = state.ToUri();
        if (uri == _state.ToUri())
            return;
        // Shown at once: the browser's answer comes later, and the next change must build on this one.
        _state = state;
        ChooseModel();
        _address.Ask(uri);
        Navigation.NavigateTo(uri, replace: true);
    }

    private async Task DeleteAsync()
    {
        if (_dataset is not { } dataset)
            return;
        if (!await ConfirmDialog.AskAsync(Dialogs, $"Delete {dataset.Name}?", "Its rows are gone for good. Runs that learned from it, and their adapters, stay."))
            return;
        (_deleting, _failure) = (true, null);
        try
        {
            await Datasets.DeleteAsync(dataset.Id);
            Navigation.NavigateTo("/datasets");
        }
        catch (NotFoundException)
        {
            await ReadAsync();
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _failure = refusal;
        }
        finally
        {
            _deleting = false;
        }
    }
}
