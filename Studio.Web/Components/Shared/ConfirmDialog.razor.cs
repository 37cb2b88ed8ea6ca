using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Studio.Web.Components.Shared;

/// <summary>Asks before something that cannot be undone.</summary>
public sealed partial class ConfirmDialog
{
    /// <summary>The question.</summary>
    [Parameter, EditorRequired] public required string Title { get; set; }

    /// <summary>What will happen.</summary>
    [Parameter, EditorRequired] public required string Text { get; set; }

    /// <summary>Further things to know, one sentence each. Default: none.</summary>
    [Parameter] public IReadOnlyList<string> Points { get; set; } = [];

    /// <summary>Name of the confirming button, a verb. Default: Delete.</summary>
    [Parameter] public string Action { get; set; } = "Delete";

    /// <summary>Whether data is lost. Default: true.</summary>
    [Parameter] public bool Destructive { get; set; } = true;

    [CascadingParameter] public required IMudDialogInstance Dialog { get; set; }

    /// <summary>Shows the dialog and returns whether the user confirmed.</summary>
    public static async Task<bool> AskAsync(IDialogService dialogs, string title, string text, string action = "Delete", bool destructive = true,
        IReadOnlyList<string>? points = null)
    {
        var parameters = new DialogParameters<ConfirmDialog>
        {
            { dialog => dialog.Title, title },
            { dialog => dialog.Text, text },
            { dialog => dialog.Points, points ?? [] },
            { dialog => dialog.Action, action },
            { dialog => dialog.Destructive, destructive },
        };
        var reference = await dialogs.ShowAsync<ConfirmDialog>(title, parameters);
        return await reference.Result is { Canceled: false };
    }

    private void Cancel() => Dialog.Cancel();

    private void Confirm() => Dialog.Close(DialogResult.Ok(true));
}
