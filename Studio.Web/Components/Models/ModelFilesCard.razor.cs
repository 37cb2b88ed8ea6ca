using Microsoft.AspNetCore.Components;
using Studio.Core.Serving;

namespace Studio.Web.Components.Models;

/// <summary>The files of a model and where they lie.</summary>
public sealed partial class ModelFilesCard
{
    /// <summary>The files.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<ModelFileInfo> Files { get; set; }

    /// <summary>Their folder.</summary>
    [Parameter, EditorRequired] public required string Folder { get; set; }
}
