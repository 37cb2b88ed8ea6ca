using Microsoft.AspNetCore.Components;

namespace Studio.Web.Components.Shared;

/// <summary>An info icon that explains its neighbour on hover, focus and touch.</summary>
public sealed partial class HelpHint
{
    /// <summary>The explanation; also what a screen reader says.</summary>
    [Parameter, EditorRequired] public required string Text { get; set; }
}
