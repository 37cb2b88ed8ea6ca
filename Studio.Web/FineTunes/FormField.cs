namespace Studio.Web.FineTunes;

/// <summary>A field of the start form: how it is called, what it does, and which findings belong to it.</summary>
/// <param name="Id">Id of the input element.</param>
/// <param name="Label">Name of the field.</param>
/// <param name="Help">What it does and which values make sense.</param>
/// <param name="FindingStarts">How the findings about this field begin.</param>
public sealed record FormField(string Id, string Label, string Help, params string[] FindingStarts);

/// <summary>All fields of the start form.</summary>
public static class RunFields
{
    /// <summary>Those of the adapter.</summary>
    public static AdapterFieldSet Adapter { get; } = new("run-adapter");

    public static FormField Name { get; } = new("run-name", "Name",
        "What the run and its adapter are called. Leave it empty to use the name of the dataset.");

    public static FormField Model { get; } = new("run-model", "Base model",
        "The frozen model that the adapter is trained on. Every run on the same base shares its one copy in memory.");

    public static FormField Datasets { get; } = new("run-datasets", "Datasets",
        "The conversations to learn from. Choose several to start one run for each, with the same settings.");

    public static FormField LearningRate { get; } = new("run-learning-rate", "Learning rate",
        "Size of a step at its peak. Small models take 1e-3 to 5e-3, models of billions of parameters 1e-4 to 3e-4. A loss that jumps says: lower it.", "Learning rate is");

    public static FormField Schedule { get; } = new("run-schedule", "Schedule",
        "How the learning rate runs after the warm-up: cosine and linear go down to zero by the end, constant stays.");

    public static FormField WarmupRatio { get; } = new("run-warmup", "Warm-up",
        "Part of the steps over which the learning rate rises from zero. 0.03 to 0.1 keeps the first steps calm.", "Warm-up ratio is");

    public static FormField Epochs { get; } = new("run-epochs", "Epochs",
        "Passes over the dataset. 1 to 3 for thousands of rows, more for hundreds. When the held-out loss rises again, it was too many.", "Epochs are");

    public static FormField BatchSize { get; } = new("run-batch-size", "Batch size",
        "Rows of one forward pass. Larger is smoother and needs more memory for the step. 4 to 32 is usual.", "Batch size is");

    public static FormField Accumulation { get; } = new("run-accumulation", "Gradient accumulation",
        "Forward passes that are summed into one step: a larger batch without its memory. 1 is off.", "Gradient accumulation is");

    public static FormField WeightDecay { get; } = new("run-weight-decay", "Weight decay",
        "Pulls the adapter's values towards zero a little at each step. 0 to 0.1.", "Weight decay is");

    public static FormField Clip { get; } = new("run-clip", "Gradient clipping",
        "Gradients whose norm is larger are scaled down to it, so that one odd batch cannot throw the run off. 1 is usual, 0 is off.", "The largest gradient norm is");

    public static FormField MaxLength { get; } = new("run-max-length", "Longest row",
        "Rows are cut to this many tokens. Shorter saves memory; what is cut off is not learned.", "The largest length is");

    public static FormField EvalFraction { get; } = new("run-eval-fraction", "Held-out part",
        "Part of the rows that is kept out of training to measure what was learned rather than memorised. 0.05 to 0.2; 0 turns it off.", "The held-out part is");

    public static FormField EvalEvery { get; } = new("run-eval-every", "Evaluate every",
        "Steps between two measurements on the held-out rows. 0 measures only at the start and the end.", "Evaluation every");

    public static FormField Checkpointing { get; } = new("run-checkpointing", "Activation checkpointing",
        "Keeps only the input of each block and computes the block again on the way back: much less memory for a step, about a third more time, the same losses.");

    public static FormField Share { get; } = new("run-share", "Share",
        "Weight among runs that train at the same time: a run with twice the share gets twice the tokens. 1 is usual.", "The share is");

    public static FormField Seed { get; } = new("run-seed", "Seed",
        "Start of every random draw: shuffling, initial values, dropout. The same seed and settings give the same run.");

    /// <summary>Every field that findings can belong to, but those of the adapter.</summary>
    public static IReadOnlyList<FormField> All { get; } =
    [
        Name, Model, Datasets, LearningRate, Schedule, WarmupRatio, Epochs, BatchSize,
        Accumulation, WeightDecay, Clip, MaxLength, EvalFraction, EvalEvery, Checkpointing, Share, Seed,
    ];
}
