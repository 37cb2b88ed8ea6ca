using Microsoft.AspNetCore.Components;
using Studio.Core.Storage;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Runs;

/// <summary>A bar that fills with the steps of a run.</summary>
public sealed partial class RunProgress
{
    /// <summary>The run.</summary>
    [Parameter, EditorRequired] public required RunRecord Run { get; set; }

    private int Percent => (int)Math.Round(100 * RunLife.ProgressOf(Run));
}
