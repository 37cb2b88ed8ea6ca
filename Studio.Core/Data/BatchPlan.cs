namespace Studio.Core.Data;

/// <summary>How large the micro-batches of a run are: so many samples, or so many tokens.</summary>
public sealed record BatchPlan
{
    private BatchPlan()
    {
    }

    /// <summary>Samples in a batch; null where tokens decide.</summary>
    public int? Samples { get; private init; }

    /// <summary>The most tokens in a batch; null where samples decide.</summary>
    public int? Tokens { get; private init; }

    /// <summary>How batches of tokens are filled.</summary>
    public PackingOrder Packing { get; private init; }

    /// <summary>A fixed number of samples; the last batch of an epoch may have fewer.</summary>
    public static BatchPlan BySamples(int samples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        return new BatchPlan { Samples = samples };
    }

    /// <summary>As many samples as fit into a number of tokens.</summary>
    public static BatchPlan ByTokens(int tokens, PackingOrder packing = PackingOrder.FirstFitDecreasing)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tokens, 1);
        return new BatchPlan { Tokens = tokens, Packing = packing };
    }

    /// <summary>Cuts samples into batches.</summary>
    internal IReadOnlyList<PackedBlock> Cut(IReadOnlyList<TrainingSample> samples) => Samples is { } size
        ? [.. samples.Chunk(size).Select(part => new PackedBlock(part))]
        : SamplePacker.Pack(samples, Tokens!.Value, Packing);
}
