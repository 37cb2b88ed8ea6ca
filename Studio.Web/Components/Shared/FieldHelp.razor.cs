using Microsoft.AspNetCore.Components;

namespace Studio.Web.Components.Shared;

/// <summary>A form field's label with its explanation, above the field.</summary>
public sealed partial class FieldHelp
{
    /// <summary>Name of the field.</summary>
    [Parameter, EditorRequired] public required string Label { get; set; }

    /// <summary>What the field does and which values make sense.</summary>
    [Parameter, EditorRequired] public required string Help { get; set; }

    /// <summary>Id of the input element the label belongs to. Default: none.</summary>
    [Parameter] public string? For { get; set; }

    /// <summary>The field.</summary>
    [Parameter] public RenderFragment? ChildContent { get; set; }
}
