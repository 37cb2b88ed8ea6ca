using Microsoft.AspNetCore.Components;
using Studio.Core;
using Studio.Core.Hub;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Web.FineTunes;
using Studio.Web.Formatting;
using Studio.Web.Live;

namespace Studio.Web.Components.Pages;

/// <summary>All base models: in memory, on disk, in the local cache, on their way; and the ways to get more.</summary>
public sealed partial class ModelListPage
{
    private IReadOnlyList<KnownModel>? _known;
    private IReadOnlyList<CachedModel> _cached = [];
    private Refusal? _failure;
    private ModelRecord? _loaded;
    private string _loadedFolder = "";
    private bool _busy;

    [Inject] public required IModelService Models { get; init; }

    protected override async Task OnInitializedAsync()
    {
        Watch(LiveSources.Event((Action handler) => Models.Changed += handler, handler => Models.Changed -= handler));
        await ReadAsync();
    }

    protected override async Task OnSignalAsync()
    {
        try
        {
            _known = await Models.ListAsync();
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _failure = refusal;
        }
    }

    private static string PlaceOf(KnownModel model) => model.Record.HubId is { } id ? $"{id} on the Hub" : model.Record.Folder;

    private bool IsLoading(KnownModel model) => Models.Loading.Any(loading => loading.Folder == model.Record.Folder);

    private string StateText(KnownModel model) => model switch
    {
        { IsLoaded: true } => "In memory",
        { IsThere: false } => "Folder is gone",
        _ => IsLoading(model) ? "Loading…" : "On disk",
    };

    private string UsersText(string id) => Models.UsersOf(id) is { Count: > 0 } users ? string.Join(", ", users) : NumberText.None;

    private async Task ReadAsync()
    {
        try
        {
            _known = await Models.ListAsync();
            _cached = await Models.CacheAsync();
            _failure = null;
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _failure = refusal;
        }
    }

    private async Task LoadAsync(Func<Task> load)
    {
        if (_busy)
            return;
        (_busy, _failure, _loaded) = (true, null, null);
        try
        {
            await load();
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
            _busy = false;
        }
    }
}
