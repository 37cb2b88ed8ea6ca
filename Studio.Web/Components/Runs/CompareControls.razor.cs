using System.Globalization;
using Microsoft.AspNetCore.Components;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Runs;

/// <summary>How the comparison is drawn: series, horizontal axis, smoothing.</summary>
public sealed partial class CompareControls
{
    /// <summary>What is shown.</summary>
    [Parameter, EditorRequired] public required CompareState State { get; set; }

    /// <summary>Raised with what to show instead.</summary>
    [Parameter] public EventCallback<CompareState> OnChange { get; set; }

    // A range input speaks invariant numbers whatever the page's culture.
    private string SmoothText => State.Smoothing.ToString(CultureInfo.InvariantCulture);

    private Task ChooseSeriesAsync(ChangeEventArgs change) => OnChange.InvokeAsync(State with { Series = (string)change.Value! });

    private Task SmoothAsync(string? text) => OnChange.InvokeAsync(State with { Smoothing = double.Parse(text!, CultureInfo.InvariantCulture) });
}
