namespace Studio.Core.Data;

/// <summary>How samples are put together.</summary>
public enum PackingOrder
{
    /// <summary>One after the other; a block ends where the next sample does not fit.</summary>
    InOrder,

    /// <summary>Within a window, longest first, each into the first block with room: fewer and fuller blocks.</summary>
    FirstFitDecreasing,
}

/// <summary>Samples that go through the model together. They stay apart: no sample attends to another.</summary>
/// <param name="Samples">The samples.</param>
public sealed record PackedBlock(IReadOnlyList<TrainingSample> Samples)
{
    /// <summary>The length of all samples in tokens.</summary>
    public int Tokens => Samples.Sum(sample => sample.Length);
}

/// <summary>Packs samples into blocks of a bounded number of tokens.</summary>
public static class SamplePacker
{
    /// <summary>Packs samples; each of them is in exactly one block.</summary>
    /// <param name="samples">The samples, already in the order wanted.</param>
    /// <param name="blockTokens">The most tokens of a block.</param>
    /// <param name="order">How to choose what goes together.</param>
    /// <param name="window">For <see cref="PackingOrder.FirstFitDecreasing"/>, how many neighbouring samples are considered together.</param>
    /// <exception cref="ArgumentException">A sample is longer than a block.</exception>
    public static IReadOnlyList<PackedBlock> Pack(
        IReadOnlyList<TrainingSample> samples, int blockTokens, PackingOrder order = PackingOrder.InOrder, int window = 1024)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentOutOfRangeException.ThrowIfLessThan(blockTokens, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        for (var i = 0; i < samples.Count; i++)
            if (samples[i].Length > blockTokens)
                throw new ArgumentException($"Sample {i} has {samples[i].Length} tokens; a block holds at most {blockTokens}.", nameof(samples));
        var blocks = new List<PackedBlock>();
        if (order == PackingOrder.InOrder) PackInOrder(samples, blockTokens, blocks);
        else foreach (var part in samples.Chunk(window)) PackFirstFit(part, blockTokens, blocks);
        return blocks;
    }

    private static void PackInOrder(IReadOnlyList<TrainingSample> samples, int blockTokens, List<PackedBlock> blocks)
    {
        var current = new List<TrainingSample>();
        var tokens = 0;
        foreach (var sample in samples)
        {
            if (tokens + sample.Length > blockTokens)
            {
                blocks.Add(new PackedBlock(current));
                (current, tokens) = ([], 0);
            }

            current.Add(sample);
            tokens += sample.Length;
        }

        if (current.Count > 0) blocks.Add(new PackedBlock(current));
    }

    private static void PackFirstFit(IEnumerable<TrainingSample> samples, int blockTokens, List<PackedBlock> blocks)
    {
        var open = new List<(List<TrainingSample> Samples, int Room)>();
        foreach (var sample in samples.OrderByDescending(sample => sample.Length)) // a stable sort: equal lengths keep their order
        {
            var fit = open.FindIndex(block => block.Room >= sample.Length);
            if (fit < 0)
            {
                open.Add(([sample], blockTokens - sample.Length));
                continue;
            }

            open[fit].Samples.Add(sample);
            open[fit] = open[fit] with { Room = open[fit].Room - sample.Length };
        }

        blocks.AddRange(open.Select(block => new PackedBlock(block.Samples)));
    }
}
