using Microsoft.AspNetCore.Components;
using Studio.Core.Serving;

namespace Studio.Web.Components.Home;

/// <summary>The base models in memory and how many use each.</summary>
public sealed partial class LoadedModels
{
    /// <summary>The models.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<LoadedModelInfo> Models { get; set; }
}
