using Microsoft.AspNetCore.Components;
using Studio.Core.Storage;
using Studio.Web.Theme;

namespace Studio.Web.Components.Adapters;

/// <summary>One adapter in the table.</summary>
public sealed partial class AdapterRow
{
    /// <summary>The adapter.</summary>
    [Parameter, EditorRequired] public required AdapterRecord Adapter { get; set; }

    /// <summary>Name of its base model.</summary>
    [Parameter, EditorRequired] public required string BaseName { get; set; }

    [Inject] public required SeriesColors Colors { get; init; }
}
