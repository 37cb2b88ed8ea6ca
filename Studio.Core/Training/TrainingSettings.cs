namespace Studio.Core.Training;

/// <summary>How the learning rate runs over the steps.</summary>
public enum ScheduleKind
{
    /// <summary>Half a cosine down to zero.</summary>
    Cosine,

    /// <summary>Straight down to zero.</summary>
    Linear,

    /// <summary>Flat.</summary>
    Constant,
}

/// <summary>Settings of a fine-tune besides the adapter's own.</summary>
public sealed record TrainingSettings
{
    /// <summary>Version of this record in storage.</summary>
    public const int Schema = 1;

    /// <summary>Passes over the data.</summary>
    public double Epochs { get; init; } = 3;

    /// <summary>Upper bound on optimizer steps; null = as the epochs give.</summary>
    public int? MaxSteps { get; init; }

    /// <summary>Samples of one forward.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>Forwards summed into one optimizer step.</summary>
    public int GradientAccumulation { get; init; } = 1;

    /// <summary>Peak learning rate.</summary>
    public double LearningRate { get; init; } = 2e-3;

    /// <summary>Schedule after the warm-up.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    /// <summary>Part of the steps over which the rate rises from zero, 0..1.</summary>
    public double WarmupRatio { get; init; } = 0.05;

    /// <summary>Decoupled weight decay of AdamW.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Gradients are scaled down to this global norm; 0 = off.</summary>
    public double MaxGradientNorm { get; init; } = 1;

    /// <summary>Samples are cut to this many tokens.</summary>
    public int MaxLength { get; init; } = 512;

    /// <summary>Part of the rows held out for evaluation, 0..0.5.</summary>
    public double EvalFraction { get; init; } = 0.1;

    /// <summary>Evaluate every so many steps; 0 = only at the start and the end.</summary>
    public int EvalEverySteps { get; init; } = 20;

    /// <summary>Whether a step keeps only the input of each block and computes the block again for its backward: much less memory, about a third more time, the same losses.</summary>
    public bool ActivationCheckpointing { get; init; }

    /// <summary>Weight among runs that want to train at the same time: one with twice the share gets twice the tokens. More than 0, at most 100.</summary>
    public double Share { get; init; } = 1;

    /// <summary>Seed of shuffling, initialisation and dropout.</summary>
    public long Seed { get; init; } = 42;

    /// <summary>Everything that is wrong with the settings, one sentence each.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (!(Epochs > 0) || Epochs > 10_000) problems.Add($"Epochs are {Epochs}; expected above 0 and at most 10000.");
        if (MaxSteps is < 1) problems.Add($"The most steps are {MaxSteps}; expected at least 1.");
        if (BatchSize is < 1 or > 4096) problems.Add($"Batch size is {BatchSize}; expected 1 to 4096.");
        if (GradientAccumulation is < 1 or > 4096) problems.Add($"Gradient accumulation is {GradientAccumulation}; expected 1 to 4096.");
        if (!(LearningRate > 0) || LearningRate > 10) problems.Add($"Learning rate is {LearningRate}; expected above 0 and at most 10.");
        if (!(WarmupRatio >= 0 && WarmupRatio <= 1)) problems.Add($"Warm-up ratio is {WarmupRatio}; expected 0 to 1.");
        if (!(WeightDecay >= 0) || WeightDecay > 1) problems.Add($"Weight decay is {WeightDecay}; expected 0 to 1.");
        if (!(MaxGradientNorm >= 0)) problems.Add($"The largest gradient norm is {MaxGradientNorm}; expected 0 (off) or more.");
        if (MaxLength is < 8 or > 1_000_000) problems.Add($"The largest length is {MaxLength}; expected 8 to 1000000.");
        if (!(EvalFraction >= 0 && EvalFraction <= 0.5)) problems.Add($"The held-out part is {EvalFraction}; expected 0 to 0.5.");
        if (EvalEverySteps < 0) problems.Add($"Evaluation every {EvalEverySteps} steps; expected 0 or more.");
        if (!(Share > 0) || Share > 100) problems.Add($"The share is {Share}; expected above 0 and at most 100.");
        return problems;
    }
}

/// <summary>Names of the series that a run writes; x is the optimizer step.</summary>
public static class RunSeries
{
    /// <summary>Mean cross entropy over the trained tokens of a step, nats.</summary>
    public const string Loss = "loss";

    /// <summary>The same over the held-out rows.</summary>
    public const string EvalLoss = "eval_loss";

    /// <summary>Learning rate of the step.</summary>
    public const string LearningRate = "learning_rate";

    /// <summary>Global gradient norm before clipping.</summary>
    public const string GradientNorm = "gradient_norm";

    /// <summary>Tokens trained per second.</summary>
    public const string TokensPerSecond = "tokens_per_second";

    /// <summary>All of them, in the order of display.</summary>
    public static IReadOnlyList<string> All { get; } = [Loss, EvalLoss, LearningRate, GradientNorm, TokensPerSecond];
}
