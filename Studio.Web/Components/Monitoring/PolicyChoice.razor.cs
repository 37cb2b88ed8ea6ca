using Microsoft.AspNetCore.Components;
using MudBlazor;
using Studio.Core.Execution;
using Studio.Core.Serving;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Monitoring;

/// <summary>Head of a base model: its name, and what it does with calls that come together, to be changed here.</summary>
public sealed partial class PolicyChoice
{
    private bool _busy;

    /// <summary>The executor.</summary>
    [Parameter, EditorRequired] public required ExecutorView View { get; set; }

    /// <summary>Raised after the policy was changed.</summary>
    [Parameter] public EventCallback OnChanged { get; set; }

    [Inject] public required IModelService Models { get; init; }

    [Inject] public required ISnackbar Snackbar { get; init; }

    private async Task ChooseAsync(ChangeEventArgs change)
    {
        _busy = true;
        try
        {
            await Models.SetPolicyAsync(View.ModelId, Enum.Parse<BatchingPolicy>((string)change.Value!));
            await OnChanged.InvokeAsync();
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            Snackbar.Add($"The policy was not changed: {refusal.Message}", Severity.Error);
        }
        finally
        {
            _busy = false;
        }
    }
}
