using Microsoft.AspNetCore.Components;
using MudBlazor;
using Studio.Core;
using Studio.Core.Serving;
using Studio.Web.Components.Shared;
using Studio.Web.FineTunes;
using Studio.Web.Live;

namespace Studio.Web.Components.Pages;

/// <summary>One base model: what it is built of, its license, template and files; loading, unloading and removing.</summary>
public sealed partial class ModelDetailPage
{
    private ModelDetails? _details;
    private Refusal? _failure;
    private bool _gone;
    private bool _busy;

    /// <summary>Id of the model.</summary>
    [Parameter] public required string Id { get; set; }

    [CascadingParameter] private HttpContext? Request { get; set; }

    [Inject] public required IModelService Models { get; init; }

    [Inject] public required IDialogService Dialogs { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    [Inject] public required TimeProvider Clock { get; init; }

    private IReadOnlyList<string> Users => Models.UsersOf(Id);

    protected override void OnInitialized()
    {
        Watch(LiveSources.Event((Action handler) => Models.Changed += handler, handler => Models.Changed -= handler));
        // Who uses it changes without a word of the model's.
        Watch(LiveSources.Every(Clock, TimeSpan.FromSeconds(2)));
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_details?.Model.Record.Id == Id)
            return;
        _details = null;
        await ReadAsync();
        if (_gone && Request is { Response.HasStarted: false } request)
            request.Response.StatusCode = StatusCodes.Status404NotFound;
    }

    protected override Task OnSignalAsync() => ReadAsync();

    private async Task ReadAsync()
    {
        try
        {
            (_details, _gone) = (await Models.DetailsAsync(Id), false);
        }
        catch (NotFoundException)
        {
            (_details, _gone) = (null, true);
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _failure = refusal;
        }
    }

    private Task<bool> LoadAsync() => TryAsync(() => Models.LoadKnownAsync(Id));

    private Task<bool> SetAtStartAsync(bool value) => TryAsync(() => Models.SetLoadAtStartAsync(Id, value));

    private async Task UnloadAsync()
    {
        if (await ConfirmDialog.AskAsync(Dialogs, $"Unload {_details!.Model.Record.Name}?", "Its memory is freed and nothing can train or chat on it until it is loaded again. Its files and adapters stay.", "Unload", destructive: false))
            await TryAsync(() => Models.UnloadAsync(Id));
    }

    private async Task RemoveAsync()
    {
        var owned = _details!.Model.IsOwned;
        var text = owned ? "Its downloaded files are deleted. Adapters of it stay, and can be used again after another download." : "The studio forgets it. Its folder stays as it is, and so do its adapters.";
        if (!await ConfirmDialog.AskAsync(Dialogs, $"{(owned ? "Delete" : "Forget")} {_details.Model.Record.Name}?", text, owned ? "Delete" : "Forget", owned))
            return;
        if (await TryAsync(() => Models.RemoveAsync(Id)))
            Navigation.NavigateTo("/models");
    }

    private async Task<bool> TryAsync(Func<Task> work)
    {
        _busy = true;
        try
        {
            await work();
            _failure = null;
            await ReadAsync();
            return true;
        }
        catch (NotFoundException)
        {
            await ReadAsync();
            return false;
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _failure = refusal;
            return false;
        }
        finally
        {
            _busy = false;
        }
    }
}
