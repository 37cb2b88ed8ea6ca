using Microsoft.AspNetCore.Components;
using Studio.Core.Adapters;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Runs;

/// <summary>The adapter's part of a form.</summary>
public sealed partial class AdapterFields
{
    /// <summary>The form.</summary>
    [Parameter, EditorRequired] public required AdapterForm Form { get; set; }

    /// <summary>What is wrong with it.</summary>
    [Parameter, EditorRequired] public required FieldFindings Inspection { get; set; }

    /// <summary>Its fields. Default: those of the start form.</summary>
    [Parameter] public AdapterFieldSet Fields { get; set; } = RunFields.Adapter;

    /// <summary>Raised after each change.</summary>
    [Parameter] public EventCallback OnChanged { get; set; }

    private static IReadOnlyList<string> Methods { get; } = [.. AdapterForm.Methods.Select(method => method.Name)];

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
