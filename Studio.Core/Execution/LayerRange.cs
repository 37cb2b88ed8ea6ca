using Studio.Core.Models;

namespace Studio.Core.Execution;

/// <summary>The layers of one part of a base: neighbouring blocks, and what lies outside the blocks where it is with them.</summary>
/// <param name="FirstBlock">First block.</param>
/// <param name="LastBlock">Last block, included.</param>
/// <param name="Embedding">Whether the embedding (with the projection behind it, where there is one) is here.</param>
/// <param name="Head">Whether the output head (with the projection before it, where there is one) is here.</param>
public sealed record LayerRange(int FirstBlock, int LastBlock, bool Embedding = false, bool Head = false)
{
    /// <summary>How many blocks.</summary>
    public int Blocks => LastBlock - FirstBlock + 1;

    /// <summary>Whether a layer is here.</summary>
    public bool Holds(LayerId layer) => layer.Projection switch
    {
        BaseProjection.Embedding or BaseProjection.ProjectIn => Embedding,
        BaseProjection.Head or BaseProjection.ProjectOut => Head,
        _ => layer.Block >= FirstBlock && layer.Block <= LastBlock,
    };

    /// <inheritdoc/>
    public override string ToString() =>
        (Blocks == 1 ? $"block {FirstBlock}" : $"blocks {FirstBlock}..{LastBlock}") + (Embedding ? ", the embedding" : "") + (Head ? ", the head" : "");

    /// <summary>Refuses ranges that are no whole base: blocks from 0 on without gap or overlap, one embedding, one head.</summary>
    /// <exception cref="ArgumentException">They are none; the message says what is wrong.</exception>
    internal static void RequireWhole(IReadOnlyList<LayerRange> ranges)
    {
        if (ranges.Count == 0) throw new ArgumentException("The base has no parts; expected at least one.");
        int next = 0;
        foreach (var range in ranges)
        {
            if (range.FirstBlock != next || range.Blocks < 1)
                throw new ArgumentException($"The part with blocks {range.FirstBlock}..{range.LastBlock} does not go on at block {next}; expected every block once, in order.");
            next = range.LastBlock + 1;
        }
        RequireOne(ranges.Count(range => range.Embedding), "embedding");
        RequireOne(ranges.Count(range => range.Head), "head");
    }

    private static void RequireOne(int count, string what)
    {
        if (count != 1) throw new ArgumentException($"The {what} is in {count} parts of the base; expected one.");
    }
}
