using Microsoft.AspNetCore.Components;
using Studio.Core.Hub;

namespace Studio.Web.Components.Models;

/// <summary>Models that other tools have downloaded to the local cache of the Hugging Face libraries.</summary>
public sealed partial class CacheTable
{
    /// <summary>The models.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<CachedModel> Cached { get; set; }

    /// <summary>Whether something is being loaded. Default: no.</summary>
    [Parameter] public bool Busy { get; set; }

    /// <summary>Raised to load one.</summary>
    [Parameter] public EventCallback<CachedModel> OnLoad { get; set; }
}
