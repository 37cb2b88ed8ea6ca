using Microsoft.AspNetCore.Components;

namespace Studio.Web.Components.Shared;

/// <summary>State of a run: a colored dot and the word, so that color alone never carries the meaning.</summary>
public sealed partial class StatusChip
{
    /// <summary>Queued, Running, Paused, Finished, Failed or Stopped; any other word is shown neutrally.</summary>
    [Parameter, EditorRequired] public required string State { get; set; }

    /// <summary>Why, shown on hover. Default: none.</summary>
    [Parameter] public string? Reason { get; set; }
}
