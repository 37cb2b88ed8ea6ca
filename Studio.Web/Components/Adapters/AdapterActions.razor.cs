using Microsoft.AspNetCore.Components;
using MudBlazor;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Web.Adapters;
using Studio.Web.Components.Shared;
using Studio.Web.FineTunes;
using Studio.Web.Playground;

namespace Studio.Web.Components.Adapters;

/// <summary>What can be done with an adapter beside chat and export. Deleting says first what depends on it.</summary>
public sealed partial class AdapterActions
{
    private MudMenu? _menu;
    private bool _busy;

    /// <summary>The adapter.</summary>
    [Parameter, EditorRequired] public required AdapterRecord Adapter { get; set; }

    /// <summary>Whether it is in training.</summary>
    [Parameter] public bool IsTraining { get; set; }

    /// <summary>Raised with what a merge has come to, and before it with what it is doing.</summary>
    [Parameter] public EventCallback<AdapterOutcome> OnOutcome { get; set; }

    /// <summary>Raised after it was deleted.</summary>
    [Parameter] public EventCallback OnDeleted { get; set; }

    [Inject] public required IAdapterService Adapters { get; init; }

    [Inject] public required OpenPanes Panes { get; init; }

    [Inject] public required IDialogService Dialogs { get; init; }

    [Inject] public required ISnackbar Snackbar { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    private Task DuplicateAsync() => TryAsync("Duplicate", async () =>
    {
        var copy = await Adapters.DuplicateAsync(Adapter.Id);
        Navigation.NavigateTo($"/adapters/{copy.Id}");
    });

    private Task MergeAsync() => TryAsync("Merge", async () =>
    {
        if (!await ConfirmDialog.AskAsync(Dialogs, $"Merge {Adapter.Name} into its base?", "A new model is written: the base's weights with this adapter's effect in them, in Hugging Face layout. Base and adapter stay as they are.", "Merge", destructive: false))
            return;
        await OnOutcome.InvokeAsync(new AdapterOutcome("Merging: every weight is written once, then the model is read back and compared…"));
        try
        {
            var merged = await Adapters.MergeAsync(Adapter.Id);
            await OnOutcome.InvokeAsync(new AdapterOutcome($"Merged as {merged.Model.Name} and read back: {DifferenceText.Of(merged.Difference)}.", $"/models/{merged.Model.Id}", "See the model"));
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            await OnOutcome.InvokeAsync(new AdapterOutcome($"The merge was refused: {refusal.Message}"));
        }
    });

    private Task DeleteAsync() => TryAsync("Delete", async () =>
    {
        var dependents = UseText.Of(await Adapters.UsesAsync(Adapter.Id), Panes.CountOf(Adapter.Id));
        if (!await ConfirmDialog.AskAsync(Dialogs, $"Delete {Adapter.Name}?", "Its files go and cannot be brought back; export it first if you may want it again.", points: dependents))
            return;
        await Adapters.DeleteAsync(Adapter.Id);
        await OnDeleted.InvokeAsync();
    });

    private async Task TryAsync(string action, Func<Task> work)
    {
        if (_busy)
            return;
        _busy = true;
        try
        {
            // The menu itself closes only when the work is done, and would lie over the question.
            await (_menu?.CloseMenuAsync() ?? Task.CompletedTask);
            await work();
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            Snackbar.Add($"{action} was refused: {refusal.Message}", Severity.Error);
        }
        finally
        {
            _busy = false;
        }
    }
}
