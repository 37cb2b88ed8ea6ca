using Microsoft.AspNetCore.Components;
using Studio.Core.Storage;

namespace Studio.Web.Components.Models;

/// <summary>Says what a load has brought: the model of that folder, or one that holds the same weights.</summary>
public sealed partial class LoadedNotice
{
    /// <summary>The model.</summary>
    [Parameter, EditorRequired] public required ModelRecord Model { get; set; }

    /// <summary>The folder that was asked for.</summary>
    [Parameter, EditorRequired] public required string Folder { get; set; }
}
