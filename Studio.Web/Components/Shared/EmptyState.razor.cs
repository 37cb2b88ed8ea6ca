using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace Studio.Web.Components.Shared;

/// <summary>Says why a place is empty and what to do about it.</summary>
public sealed partial class EmptyState
{
    /// <summary>What is missing.</summary>
    [Parameter, EditorRequired] public required string Title { get; set; }

    /// <summary>Why, or how to get it. Default: none.</summary>
    [Parameter] public string? Text { get; set; }

    /// <summary>Icon above the title. Default: an empty tray.</summary>
    [Parameter] public string Icon { get; set; } = Icons.Material.Outlined.Inbox;

    /// <summary>The action that ends the emptiness. Default: none.</summary>
    [Parameter] public RenderFragment? ChildContent { get; set; }
}
