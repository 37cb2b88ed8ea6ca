using Microsoft.AspNetCore.Components;

namespace Studio.Web.Components.Adapters;

/// <summary>Tags as small labels.</summary>
public sealed partial class TagList
{
    /// <summary>The tags.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<string> Tags { get; set; }
}
