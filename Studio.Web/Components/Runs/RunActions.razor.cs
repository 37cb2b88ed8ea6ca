using Microsoft.AspNetCore.Components;
using MudBlazor;
using Studio.Core.Runs;
using Studio.Core.Storage;
using Studio.Web.Components.Shared;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Runs;

/// <summary>What can be done with a run in its present state; asks before anything that cannot be undone.</summary>
public sealed partial class RunActions
{
    private int _busy;
    private bool _hurried;

    /// <summary>The run.</summary>
    [Parameter, EditorRequired] public required RunView Run { get; set; }

    /// <summary>Whether buttons are icons only. Default: false.</summary>
    [Parameter] public bool Compact { get; set; }

    /// <summary>Raised after the run was deleted.</summary>
    [Parameter] public EventCallback OnDeleted { get; set; }

    [Inject] public required IRunService Runs { get; init; }

    [Inject] public required IDialogService Dialogs { get; init; }

    [Inject] public required ISnackbar Snackbar { get; init; }

    private IEnumerable<RunAction> Available
    {
        get
        {
            var state = Run.Record.State;
            if (RunLife.CanPause(state))
                yield return new("Pause", Icons.Material.Outlined.Pause, Runs.PauseAsync);
            // Also while the other pause waits for its step: that is when one wants it.
            if (state == RunState.Running && !Compact)
                yield return new("Pause now", Icons.Material.Outlined.PauseCircle, Runs.PauseNowAsync, Hurries: true, Help: "The current step is abandoned and repeated.");
            if (state == RunState.Paused)
                yield return new("Resume", Icons.Material.Outlined.PlayArrow, Runs.ResumeAsync);
            if (RunLife.IsActive(state))
                yield return new("Stop", Icons.Material.Outlined.Stop, Runs.StopAsync, "It ends at its next step and cannot go on later. The adapter stays as it is then.");
            else
                yield return new("Delete", Icons.Material.Outlined.Delete, DeleteAsync, "The run goes with its curves and its log. Its adapter stays.");
        }
    }

    private async Task DoAsync(RunAction action)
    {
        if (action.Question is { } question
            && !await ConfirmDialog.AskAsync(Dialogs, $"{action.Name} {Run.Record.Name}?", question, action.Name))
        {
            return;
        }

        _busy++;
        _hurried |= action.Hurries;
        try
        {
            await action.Do(Run.Record.Id, CancellationToken.None);
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            Snackbar.Add($"{action.Name} was refused: {refusal.Message}", Severity.Error);
        }
        finally
        {
            _busy--;
            if (action.Hurries)
                _hurried = false;
        }
    }

    private async Task DeleteAsync(string id, CancellationToken ct)
    {
        await Runs.DeleteAsync(id, ct);
        await OnDeleted.InvokeAsync();
    }

    private sealed record RunAction(string Name, string Icon, Func<string, CancellationToken, Task> Do, string? Question = null, bool Hurries = false, string? Help = null)
    {
        public string TestId { get; } = $"run-{Name.ToLowerInvariant().Replace(' ', '-')}";
    }
}
