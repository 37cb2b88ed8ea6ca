using Microsoft.AspNetCore.Components;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Core.Telemetry;
using Studio.Core.Training;
using Studio.Web.Charts;
using Studio.Web.Live;

namespace Studio.Web.Components.Runs;

/// <summary>A piece of a page that shows one run and renders again, alone, when that run goes on.</summary>
public abstract class LiveRunBase : LiveComponentBase
{
    private LossTrail? _trail;

    /// <summary>Id of the run.</summary>
    [Parameter, EditorRequired] public required string RunId { get; set; }

    [Inject] public required IRunService Runs { get; init; }

    [Inject] public required StudioTelemetry Telemetry { get; init; }

    /// <summary>The run as it is now; null when it is gone.</summary>
    protected RunView? Run { get; private set; }

    /// <summary>Shape of its loss.</summary>
    protected IReadOnlyList<double> Loss { get; private set; } = [];

    /// <summary>Least time between two renders.</summary>
    protected virtual TimeSpan Interval => TimeSpan.FromMilliseconds(500);

    protected override void OnInitialized()
    {
        _trail = new LossTrail(Telemetry.Metrics, new SeriesKey(RunId, RunSeries.Loss));
        Watch(LiveSources.Of(Telemetry.Changes, RunId, Interval));
    }

    protected override void OnParametersSet() => Look();

    protected override Task OnSignalAsync()
    {
        Look();
        return Task.CompletedTask;
    }

    private void Look()
    {
        Run = Runs.Find(RunId);
        Loss = _trail!.Read();
    }
}
