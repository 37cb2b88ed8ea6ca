using Microsoft.AspNetCore.Components;
using Studio.Core.Runs;
using Studio.Web.Theme;

namespace Studio.Web.Components.Runs;

/// <summary>Chooses runs, each in its color.</summary>
public sealed partial class RunPicker
{
    /// <summary>What there is.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<RunView> Runs { get; set; }

    /// <summary>Ids of the chosen ones.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<string> Chosen { get; set; }

    /// <summary>Raised with the id of a run that was ticked or unticked.</summary>
    [Parameter] public EventCallback<string> OnToggle { get; set; }

    [Inject] public required SeriesColors Colors { get; init; }
}
