using Microsoft.AspNetCore.Components;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Web.Adapters;
using Studio.Web.FineTunes;
using Studio.Web.Live;

namespace Studio.Web.Components.Pages;

/// <summary>All adapters, newest first. What is searched for lives in the page's address.</summary>
public sealed partial class AdapterListPage
{
    private readonly AddressWatch _watch = new();
    private IReadOnlyList<AdapterRecord>? _all;
    private Refusal? _failure;
    private string _search = "";

    [SupplyParameterFromQuery(Name = "q")] private string? SearchText { get; set; }

    [Inject] public required IAdapterService Adapters { get; init; }

    [Inject] public required IModelService Models { get; init; }

    [Inject] public required IRunService Runs { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    private IReadOnlyList<AdapterRecord> Found => [.. (_all ?? []).Where(Matches)];

    private string CountText => Found.Count == _all!.Count
        ? _all.Count == 1 ? "1 adapter" : $"{_all.Count} adapters"
        : $"{Found.Count} of {_all.Count} adapters";

    protected override Task OnInitializedAsync()
    {
        Watch(LiveSources.Event((Action handler) => Adapters.Changed += handler, handler => Adapters.Changed -= handler));
        Watch(LiveSources.Event((Action<string> handler) => Runs.StateChanged += handler, handler => Runs.StateChanged -= handler));
        return ReadAsync();
    }

    protected override void OnParametersSet()
    {
        if (_watch.IsNews(UriOf(SearchText ?? "")))
            _search = SearchText ?? "";
    }

    protected override Task OnSignalAsync() => ReadAsync();

    private static string UriOf(string search) => search.Length == 0 ? "/adapters" : $"/adapters?q={Uri.EscapeDataString(search)}";

    private async Task ReadAsync()
    {
        try
        {
            _all = await Adapters.ListAsync();
            _failure = null;
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _failure = refusal;
        }
    }

    private string NameOf(string modelId) => Models.Loaded.FirstOrDefault(model => model.Record.Id == modelId)?.Record.Name ?? $"{modelId} (not loaded)";

    private bool Matches(AdapterRecord adapter) => _search.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(word =>
        new[] { adapter.Name, AdapterText.SummaryOf(adapter), NameOf(adapter.BaseModelId) }.Concat(adapter.Tags)
            .Any(text => text.Contains(word, StringComparison.OrdinalIgnoreCase)));

    private void Search(string? text)
    {
        _search = text ?? "";
        var uri = UriOf(_search);
        _watch.Ask(uri);
        Navigation.NavigateTo(uri, replace: true);
    }
}
