using Microsoft.AspNetCore.Components;
using Studio.Web.FineTunes;
using Studio.Web.Theme;

namespace Studio.Web.Components.Runs;

/// <summary>One run in the table.</summary>
public sealed partial class RunRow
{
    /// <summary>Names of models and datasets.</summary>
    [Parameter, EditorRequired] public required RunNames Names { get; set; }

    /// <summary>Whether it is chosen for comparison.</summary>
    [Parameter] public bool Selected { get; set; }

    /// <summary>Raised when the choice changes.</summary>
    [Parameter] public EventCallback<bool> SelectedChanged { get; set; }

    [Inject] public required SeriesColors Colors { get; init; }
}
