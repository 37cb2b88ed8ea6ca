using Microsoft.AspNetCore.Components;
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

    /// <summary>Raised after each change, with the settings.</summary>
    [Parameter] public EventCallback<SamplingForm> OnChanged { get; set; }

    private static IReadOnlyList<bool> Decodings { get; } = [false, true];

    private Task Set(Action change)
    {
        change();
        return OnChanged.InvokeAsync(Form);
    }

    private Task ResetAsync() => OnChanged.InvokeAsync(new SamplingForm());
}
