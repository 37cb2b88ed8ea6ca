namespace Studio.Core.Training;

/// <summary>
/// Learning rates over the steps of a run: a linear warm-up from zero, then cosine, linear or flat. The formulas are those of the transformers
/// library (<c>get_cosine_schedule_with_warmup</c>, <c>get_linear_schedule_with_warmup</c>, <c>get_constant_schedule_with_warmup</c>), where
/// the factor of a step counts the steps before it: with a warm-up the first step's rate is 0, and the last step's is just above 0.
/// </summary>
public sealed class LearningRateSchedule
{
    private readonly ScheduleKind _kind;
    private readonly double _peak;

    /// <summary>Creates the schedule of a run.</summary>
    /// <param name="kind">Shape after the warm-up.</param>
    /// <param name="peak">Largest rate.</param>
    /// <param name="totalSteps">Optimizer steps of the run, at least 1.</param>
    /// <param name="warmupRatio">Part of the steps that is warm-up, 0..1; rounded up to whole steps.</param>
    public LearningRateSchedule(ScheduleKind kind, double peak, int totalSteps, double warmupRatio)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(totalSteps, 1);
        if (!(warmupRatio >= 0 && warmupRatio <= 1))
            throw new ArgumentOutOfRangeException(nameof(warmupRatio), warmupRatio, "The warm-up ratio must be 0 to 1.");
        _kind = kind;
        _peak = peak;
        TotalSteps = totalSteps;
        WarmupSteps = (int)Math.Ceiling(totalSteps * warmupRatio);
    }

    /// <summary>Optimizer steps of the run.</summary>
    public int TotalSteps { get; }

    /// <summary>Steps of the warm-up: ceil(total * ratio), as <c>TrainingArguments.get_warmup_steps</c>.</summary>
    public int WarmupSteps { get; }

    /// <summary>The rate of the step that has <paramref name="stepsBefore"/> steps before it (0 for the first).</summary>
    public double At(int stepsBefore)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stepsBefore);
        if (stepsBefore < WarmupSteps) return _peak * stepsBefore / Math.Max(1, WarmupSteps);
        double rest = Math.Max(1, TotalSteps - WarmupSteps);
        return _peak * (_kind switch
        {
            ScheduleKind.Cosine => Math.Max(0, 0.5 * (1 + Math.Cos(Math.PI * (stepsBefore - WarmupSteps) / rest))),
            ScheduleKind.Linear => Math.Max(0, (TotalSteps - stepsBefore) / rest),
            ScheduleKind.Constant => 1,
            _ => throw new NotSupportedException($"The schedule {_kind} has no implementation."),
        });
    }
}
