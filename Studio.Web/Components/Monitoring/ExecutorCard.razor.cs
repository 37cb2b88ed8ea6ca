using System.Globalization;
using Microsoft.AspNetCore.Components;
using Studio.Core.Execution;
using Studio.Core.Serving;
using Studio.Web.Formatting;
using Studio.Web.Monitoring;

namespace Studio.Web.Components.Monitoring;

/// <summary>One base model's executor: its policy, what it reaches, how its calls come together, and whom it keeps waiting.</summary>
public sealed partial class ExecutorCard
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary>The executor and its counters since the model was loaded.</summary>
    [Parameter, EditorRequired] public required ExecutorView View { get; set; }

    /// <summary>What it did lately.</summary>
    [Parameter, EditorRequired] public required ExecutorWindow Recent { get; set; }

    /// <summary>Raised after its policy was changed.</summary>
    [Parameter] public EventCallback OnChanged { get; set; }

    private ExecutorCounters Counters => View.Counters;

    private ExecutorRate Rate => Recent.Rate;

    // Per cent of the peak.
    private double Achieved => View.PeakOperations > 0 ? Math.Clamp(100 * Rate.Operations / View.PeakOperations, 0, 100) : 0;

    // Several lanes together may be faster than the fastest of them alone.
    private string AchievedText => View.PeakOperations <= 0 ? OperationsText.Format(Rate.Operations)
        : Rate.Operations > View.PeakOperations ? $"{OperationsText.Format(Rate.Operations)}, above the best of {OperationsText.Format(View.PeakOperations)}"
        : $"{OperationsText.Format(Rate.Operations, View.PeakOperations)} · {PercentText(Rate.Operations / View.PeakOperations)}";

    private static string PercentText(double share) => share is > 0 and < 0.1 ? share.ToString("P1", CultureInfo.CurrentCulture) : NumberText.Percent(share);

    private static string Width(double percent) => string.Create(Invariant, $"width: {percent:0.##}%; background: var(--mud-palette-primary)");

    private static string PerSecond(double rate) => $"{(rate is > 0 and < 10 ? rate.ToString("0.0", CultureInfo.CurrentCulture) : NumberText.Compact(rate))} /s";

    private static string MeanText(double? batch) => batch?.ToString("0.00", CultureInfo.CurrentCulture) ?? NumberText.None;

    private static string? MeanNote(double? mean) => mean is { } value ? $"mean {NumberText.Significant(value, 3)}" : null;
}
