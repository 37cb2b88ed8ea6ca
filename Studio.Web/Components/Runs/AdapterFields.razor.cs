using Microsoft.AspNetCore.Components;
using Studio.Core.Adapters;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Runs;

/// <summary>The adapter's part of the start form.</summary>
public sealed partial class AdapterFields
{
    /// <summary>The form.</summary>
    [Parameter, EditorRequired] public required RunForm Form { get; set; }

    /// <summary>What is wrong with it.</summary>
    [Parameter, EditorRequired] public required RunInspection Inspection { get; set; }

    /// <summary>Raised after each change.</summary>
    [Parameter] public EventCallback OnChanged { get; set; }

    private static IReadOnlyList<string> Methods { get; } = [.. RunForm.Methods.Select(method => method.Name)];

    private static string TitleOf(string method) => AdapterMethods.Named(method).Title;

    private static string TextOf(TargetChoice choice) => choice switch
    {
        TargetChoice.Attention => "Attention only",
        TargetChoice.Custom => "Choose modules",
        _ => "All linear layers",
    };

    private void Toggle(string module)
    {
        if (!Form.CustomTargets.Remove(module))
            Form.CustomTargets.Add(module);
    }

    private Task Set(Action change)
    {
        change();
        return OnChanged.InvokeAsync();
    }
}
