using Microsoft.AspNetCore.Components;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Runs;

/// <summary>The adapter's part of a form, made from what the chosen method declares of itself; what most people never need is folded away until something in it is wrong.</summary>
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

    private IReadOnlyList<SettingInput> Inputs => Fields.Of(Form.Method);

    private bool HasFindingInside => Inputs.Any(input => input.Setting.Advanced && Inspection.At(input.Field) is not null);

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
