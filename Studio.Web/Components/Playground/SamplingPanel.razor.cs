using Microsoft.AspNetCore.Components;
using Studio.Core.Generation;
using Studio.Web.FineTunes;
using Studio.Web.Playground;

namespace Studio.Web.Components.Playground;

/// <summary>System prompt and sampling settings, the same for all panes.</summary>
public sealed partial class SamplingPanel
{
    /// <summary>The settings; written to as they change.</summary>
    [Parameter, EditorRequired] public required SamplingForm Form { get; set; }

    /// <summary>What is wrong with them.</summary>
    [Parameter, EditorRequired] public required FieldFindings Findings { get; set; }

    /// <summary>What the model says of them. Default: nothing.</summary>
    [Parameter] public GenerationDefaults Defaults { get; set; } = GenerationDefaults.Studio;

    /// <summary>Raised after each change, with the settings.</summary>
    [Parameter] public EventCallback<SamplingForm> OnChanged { get; set; }

    private static IReadOnlyList<bool> Choices { get; } = [false, true];

    private Task Set(Action change)
    {
        change();
        return OnChanged.InvokeAsync(Form);
    }

    private Task ResetAsync() => OnChanged.InvokeAsync(SamplingForm.Of(Defaults.Sampling));
}
