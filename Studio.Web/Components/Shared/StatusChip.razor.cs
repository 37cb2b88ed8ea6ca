using Microsoft.AspNetCore.Components;
using Studio.Core.Storage;

namespace Studio.Web.Components.Shared;

/// <summary>State of a run: a colored dot and the word, so that color alone never carries the meaning.</summary>
public sealed partial class StatusChip
{
    /// <summary>Where the run stands.</summary>
    [Parameter, EditorRequired] public required RunState State { get; set; }

    /// <summary>Why, shown on hover. Default: none.</summary>
    [Parameter] public string? Reason { get; set; }
}
