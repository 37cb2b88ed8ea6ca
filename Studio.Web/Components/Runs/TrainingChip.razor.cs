using Studio.Core.Storage;
using Studio.Web.Formatting;

namespace Studio.Web.Components.Runs;

/// <summary>Says that an adapter is in training and how far; nothing once its run has ended.</summary>
public sealed partial class TrainingChip
{
    private static string TextOf(RunRecord run)
    {
        var steps = run.TotalSteps > 0 ? $"step {NumberText.Count(run.Step)} / {NumberText.Count(run.TotalSteps)}" : "preparing";
        return run.State switch
        {
            RunState.Queued => "Waits to train",
            RunState.Paused => $"Paused, {steps}",
            _ => $"Training, {steps}",
        };
    }
}
