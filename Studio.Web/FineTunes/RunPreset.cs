using Studio.Core.Adapters.Methods;
using Studio.Core.Training;

namespace Studio.Web.FineTunes;

/// <summary>Settings to start from.</summary>
/// <param name="Name">Name on the chip.</param>
/// <param name="Promise">What it is good for, in one sentence.</param>
/// <param name="Adapter">Settings of the adapter.</param>
/// <param name="Training">Settings of the training.</param>
public sealed record RunPreset(string Name, string Promise, LoraSpec Adapter, TrainingSettings Training)
{
    /// <summary>One pass with a small adapter.</summary>
    public static RunPreset Quick { get; } = new("Quick",
        "A first look: one pass over the data with a small adapter. It picks up the manner, not every detail.",
        new LoraSpec { Rank = 4, Alpha = 8 },
        new TrainingSettings { Epochs = 1, EvalEverySteps = 10 });

    /// <summary>The engine's own defaults.</summary>
    public static RunPreset Balanced { get; } = new("Balanced",
        "The right start for most datasets: three passes with a middle-sized adapter, measured on held-out rows as it goes.",
        new LoraSpec(), new TrainingSettings());

    /// <summary>More passes, a larger adapter, smaller steps.</summary>
    public static RunPreset Thorough { get; } = new("Thorough",
        "More capacity and twice the passes at half the learning rate. Slower; watch the held-out loss for overfitting.",
        new LoraSpec { Rank = 16, Alpha = 32 },
        new TrainingSettings { Epochs = 6, LearningRate = 1e-3 });

    /// <summary>All presets, from fast to slow.</summary>
    public static IReadOnlyList<RunPreset> All { get; } = [Quick, Balanced, Thorough];
}
