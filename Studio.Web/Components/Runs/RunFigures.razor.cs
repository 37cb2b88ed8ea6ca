using Microsoft.AspNetCore.Components;
using Studio.Core.Storage;
using Studio.Web.Formatting;

namespace Studio.Web.Components.Runs;

/// <summary>Progress and latest figures of one run.</summary>
public sealed partial class RunFigures
{
    [Inject] public required TimeProvider Clock { get; init; }

    private string EtaText => Run switch
    {
        { Remaining: { } left } => $"{DurationText.Format(left)} left",
        { Record: { State: RunState.Running } } => "Estimating the time left",
        { Record.EndedAt: { } end } => $"Ended {MomentText.Format(end)}",
        _ => "",
    };
}
