using Microsoft.AspNetCore.Components;

namespace Studio.Web.Components.Shared;

/// <summary>An error in place: what failed, the cause, and a way to try again.</summary>
public sealed partial class ErrorPanel
{
    /// <summary>What failed, in one sentence.</summary>
    [Parameter, EditorRequired] public required string Message { get; set; }

    /// <summary>The cause; line breaks are kept. Default: none.</summary>
    [Parameter] public string? Detail { get; set; }

    /// <summary>Tries again; without it there is no button.</summary>
    [Parameter] public EventCallback OnRetry { get; set; }
}
