using Microsoft.AspNetCore.Components;

namespace Studio.Web.Components.Shared;

/// <summary>Heading of a page and title of the browser's tab.</summary>
public sealed partial class PageHeader
{
    /// <summary>What the page is.</summary>
    [Parameter, EditorRequired] public required string Title { get; set; }

    /// <summary>One sentence below the title. Default: none.</summary>
    [Parameter] public string? Subtitle { get; set; }

    /// <summary>Buttons at the right. Default: none.</summary>
    [Parameter] public RenderFragment? Actions { get; set; }
}
