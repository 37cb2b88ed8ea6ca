using Microsoft.AspNetCore.Components;

namespace Studio.Web.Components.Shared;

/// <summary>One figure with its unit.</summary>
public sealed partial class StatTile
{
    /// <summary>What is measured.</summary>
    [Parameter, EditorRequired] public required string Label { get; set; }

    /// <summary>The figure, formatted.</summary>
    [Parameter, EditorRequired] public required string Value { get; set; }

    /// <summary>Its unit. Default: none.</summary>
    [Parameter] public string? Unit { get; set; }

    /// <summary>Recent values, oldest first, drawn as a sparkline. Default: none.</summary>
    [Parameter] public IReadOnlyList<double>? Trend { get; set; }

    /// <summary>A line below the figure. Default: none.</summary>
    [Parameter] public string? Note { get; set; }

    /// <summary>Explains the figure behind an info icon. Default: none.</summary>
    [Parameter] public string? Help { get; set; }
}
