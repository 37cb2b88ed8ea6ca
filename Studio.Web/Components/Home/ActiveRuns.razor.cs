using Microsoft.AspNetCore.Components;

namespace Studio.Web.Components.Home;

/// <summary>The runs that have not ended, each keeping up with itself.</summary>
public sealed partial class ActiveRuns
{
    /// <summary>Their ids.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<string> RunIds { get; set; }
}
