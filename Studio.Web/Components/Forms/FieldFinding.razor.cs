using Microsoft.AspNetCore.Components;

namespace Studio.Web.Components.Forms;

/// <summary>What is wrong with a field, below it.</summary>
public sealed partial class FieldFinding
{
    /// <summary>Id of the input element.</summary>
    [Parameter, EditorRequired] public required string For { get; set; }

    /// <summary>The finding; nothing is shown without one.</summary>
    [Parameter] public string? Text { get; set; }
}
