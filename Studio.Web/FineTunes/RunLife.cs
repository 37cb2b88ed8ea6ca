using Studio.Core.Runs;
using Studio.Core.Storage;
using Studio.Web.Formatting;

namespace Studio.Web.FineTunes;

/// <summary>What the state of a run allows, and how far it is.</summary>
public static class RunLife
{
    /// <summary>Whether a run has not ended.</summary>
    public static bool IsActive(RunState state) => !state.HasEnded();

    /// <summary>Whether a run can be paused.</summary>
    public static bool CanPause(RunState state) => RunState.Paused.MayFollow(state);

    /// <summary>Share of the steps that are taken, 0 to 1.</summary>
    public static double ProgressOf(RunRecord run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.State == RunState.Finished)
            return 1;
        return run.TotalSteps > 0 ? Math.Clamp((double)run.Step / run.TotalSteps, 0, 1) : 0;
    }

    /// <summary>Steps taken and planned, such as "12 / 135 steps"; the plan is unknown until the rows are counted.</summary>
    public static string StepsOf(RunRecord run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.TotalSteps > 0 ? $"{NumberText.Count(run.Step)} / {NumberText.Count(run.TotalSteps)} steps"
            : run.State == RunState.Running ? "Preparing" : "No steps yet";
    }

    /// <summary>Time that a run took until its end, or until now; null before its first step.</summary>
    public static TimeSpan? ElapsedOf(RunRecord run, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.StartedAt is { } start ? (run.EndedAt ?? now) - start : null;
    }

    /// <summary>Runs that have not ended, newest first.</summary>
    public static IReadOnlyList<RunView> Active(this IRunService runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return [.. runs.Runs.Where(run => IsActive(run.Record.State))];
    }
}
