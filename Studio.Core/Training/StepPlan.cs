namespace Studio.Core.Training;

/// <summary>How many optimizer steps a number of samples gives.</summary>
/// <param name="StepsPerEpoch">Optimizer steps of one pass over the data.</param>
/// <param name="TotalSteps">Optimizer steps of the run.</param>
public readonly record struct StepPlan(int StepsPerEpoch, int TotalSteps)
{
    /// <summary>
    /// Counts the steps as <c>transformers.Trainer</c> does: an epoch's last micro-batches make a step also where they are fewer than the
    /// accumulation asks for, and epochs with a fraction round up to a step.
    /// </summary>
    /// <param name="samples">Samples to train on, at least 1.</param>
    /// <param name="settings">Batch size, accumulation, epochs and the most steps.</param>
    public static StepPlan For(int samples, TrainingSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        int batches = (samples - 1) / settings.BatchSize + 1;
        int perEpoch = (batches - 1) / settings.GradientAccumulation + 1;
        double total = Math.Min(Math.Ceiling(settings.Epochs * perEpoch), settings.MaxSteps ?? int.MaxValue);
        return new StepPlan(perEpoch, (int)Math.Max(1, total));
    }
}
