using Microsoft.AspNetCore.Components;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Runs;

/// <summary>What a start would hold and take, kept current while the form changes.</summary>
public sealed partial class RunForecastPanel
{
    /// <summary>The form.</summary>
    [Parameter, EditorRequired] public required RunForm Form { get; set; }

    /// <summary>What is known of it.</summary>
    [Parameter, EditorRequired] public required RunInspection Inspection { get; set; }

    /// <summary>Parameters of the chosen base model. Default: 0, unknown.</summary>
    [Parameter] public long BaseParameters { get; set; }

    /// <summary>Name of a dataset.</summary>
    [Parameter, EditorRequired] public required Func<string, string> NameOf { get; set; }

    /// <summary>The start button.</summary>
    [Parameter] public RenderFragment? ChildContent { get; set; }
}
