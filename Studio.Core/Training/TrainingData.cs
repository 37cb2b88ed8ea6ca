using Studio.Core.Data;

namespace Studio.Core.Training;

/// <summary>The data of one run, ready to train on: encoded, masked, cut and split. Built once, off the compute lanes.</summary>
public sealed class TrainingData
{
    /// <summary>The most rows that are held out: more would make evaluations slow and tell little more.</summary>
    public const int MaximumHeldOut = 512;

    private TrainingData(IReadOnlyList<TrainingSample> train, IReadOnlyList<TrainingSample> heldOut, int truncated, int dropped, StepPlan plan)
    {
        Train = train;
        HeldOut = heldOut;
        Truncated = truncated;
        Dropped = dropped;
        Plan = plan;
    }

    /// <summary>Samples to train on.</summary>
    public IReadOnlyList<TrainingSample> Train { get; }

    /// <summary>Samples for evaluation; empty when nothing is held out.</summary>
    public IReadOnlyList<TrainingSample> HeldOut { get; }

    /// <summary>Samples that were cut to the largest length.</summary>
    public int Truncated { get; }

    /// <summary>Rows left out because no trained token was left in them.</summary>
    public int Dropped { get; }

    /// <summary>Steps of the run.</summary>
    public StepPlan Plan { get; }

    /// <summary>How many of a number of samples are held out.</summary>
    public static double HeldOutFraction(int samples, TrainingSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return Math.Min(settings.EvalFraction, (double)MaximumHeldOut / Math.Max(1, samples));
    }

    /// <summary>Encodes and splits rows.</summary>
    /// <param name="rows">All usable rows of the data set.</param>
    /// <param name="renderer">Encodes a row with the model's template.</param>
    /// <param name="settings">Largest length, held-out part, batch sizes.</param>
    /// <param name="seed">Seed of the split.</param>
    /// <param name="ct">Ends the work between rows.</param>
    /// <exception cref="StudioException">There is nothing to train on; the message says why and what to change.</exception>
    public static TrainingData Build(IReadOnlyList<DatasetRow> rows, RowRenderer renderer, TrainingSettings settings, ulong seed, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(renderer);
        ArgumentNullException.ThrowIfNull(settings);
        if (rows.Count < 2) throw new StudioException($"The data set has {rows.Count} usable {(rows.Count == 1 ? "row" : "rows")}; a run needs at least 2.");
        var rendered = renderer.Render(rows, settings.MaxLength, ct);
        if (rendered.Samples.Count < 2)
            throw new StudioException(
                $"Of {rows.Count} rows, {rendered.Samples.Count} have a token to train on within the largest length of {settings.MaxLength} tokens; a run needs at least 2. " +
                "Raise the largest length, or check that the rows end with an answer of the assistant.");
        return Build(rendered, settings, seed);
    }

    /// <summary>Splits encoded rows.</summary>
    /// <param name="rendered">At least one sample, each with a trained token.</param>
    /// <param name="settings">Held-out part and batch sizes.</param>
    /// <param name="seed">Seed of the split.</param>
    public static TrainingData Build(RenderedRows rendered, TrainingSettings settings, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(rendered);
        var split = TrainEvalSplit.Create(rendered.Samples, HeldOutFraction(rendered.Samples.Count, settings), seed);
        return new TrainingData(split.Train, split.Eval, rendered.Truncated, rendered.Dropped, StepPlan.For(split.Train.Count, settings));
    }
}
