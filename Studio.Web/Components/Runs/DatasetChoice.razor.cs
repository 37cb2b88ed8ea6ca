using Microsoft.AspNetCore.Components;
using Studio.Core.Storage;

namespace Studio.Web.Components.Runs;

/// <summary>Chooses datasets; each gets a run of its own.</summary>
public sealed partial class DatasetChoice
{
    /// <summary>What there is.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<DatasetRecord> Datasets { get; set; }

    /// <summary>Ids of the chosen ones.</summary>
    [Parameter, EditorRequired] public required IList<string> Chosen { get; set; }

    /// <summary>Raised with the id of a dataset that was ticked or unticked.</summary>
    [Parameter] public EventCallback<string> OnToggle { get; set; }
}
