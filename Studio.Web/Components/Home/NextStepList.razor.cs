using Microsoft.AspNetCore.Components;
using MudBlazor;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Home;

/// <summary>What to do next; the first step can be done on the spot.</summary>
public sealed partial class NextStepList
{
    private Refusal? _failure;
    private bool _starting;

    /// <summary>The steps.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<NextStep> Steps { get; set; }

    [Inject] public required IRunService Runs { get; init; }

    [Inject] public required IModelService Models { get; init; }

    private static string IconOf(StepStatus status) => status switch
    {
        StepStatus.Done => Icons.Material.Outlined.CheckCircle,
        StepStatus.Ready => Icons.Material.Outlined.PlayCircle,
        _ => Icons.Material.Outlined.Circle,
    };

    private async Task StartAsync(NextStep step)
    {
        if (Models.Loaded is not [var model, ..])
            return;
        _starting = true;
        var preset = RunPreset.Balanced;
        var outcome = await new RunStarter(Runs).StartAsync(step.Starts.Select(dataset => new RunRequest
        {
            ModelId = model.Record.Id,
            DatasetId = dataset.Id,
            Adapter = preset.Adapter,
            Training = preset.Training,
        }));
        (_failure, _starting) = (outcome.Failure, false);
    }
}
