using Microsoft.AspNetCore.Components;
using Studio.Core.Serving;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Adapters;

/// <summary>What came in, and the base model and name that it gets. Every tensor is checked against the base before anything is stored.</summary>
public sealed partial class StagedAdapterCard
{
    private static readonly FormField ModelField = new("staged-model", "Base model", "The loaded model that it was made for. Modules and shapes must fit; whether the weights are those it was trained on cannot be told from its files.");
    private static readonly FormField NameField = new("staged-name", "Name", "What the adapter is called in lists and panes.");

    private LoadedModelInfo? _suggested;
    private string? _modelId;
    private string _name = "";
    private Refusal? _failure;
    private bool _busy;

    /// <summary>What came in.</summary>
    [Parameter, EditorRequired] public required StagedAdapter Staged { get; set; }

    /// <summary>Raised when it is not to be imported.</summary>
    [Parameter] public EventCallback OnCancel { get; set; }

    [Inject] public required IAdapterService Adapters { get; init; }

    [Inject] public required IModelService Models { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    private string SuggestionText => _suggested is { } suggested ? $"'{suggested.Record.Name}' is chosen because its name matches."
        : Models.Loaded.Count == 0 ? "No base model is loaded. Load one first."
        : Staged.BaseModel.Length == 0 ? "It does not say which base model it was made for: choose it yourself."
        : "No loaded model has this name. Choose the one it was made for; on another one, its answers mean little even where all shapes fit.";

    protected override void OnInitialized()
    {
        _suggested = Staged.BaseAmong(Models.Loaded);
        _modelId = (_suggested ?? (Models.Loaded is [var first, ..] ? first : null))?.Record.Id;
        _name = Staged.SuggestedName;
    }

    private string NameOf(string id) => Models.Loaded.FirstOrDefault(model => model.Record.Id == id)?.Record.Name ?? id;

    private async Task ImportAsync()
    {
        if (_busy || _modelId is null || string.IsNullOrWhiteSpace(_name))
            return;
        (_busy, _failure) = (true, null);
        try
        {
            var adapter = await Adapters.ImportAsync(Staged, _name, _modelId);
            Navigation.NavigateTo($"/adapters/{adapter.Id}");
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _failure = refusal;
        }
        finally
        {
            _busy = false;
        }
    }
}
