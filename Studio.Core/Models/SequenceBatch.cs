namespace Studio.Core.Models;

/// <summary>One sequence of a flattened batch.</summary>
/// <param name="Ids">Its new token ids.</param>
/// <param name="Cache">Keys and values of what came before (and of these tokens after the forward), or null for a training sample.</param>
/// <param name="Ahead">Tokens of the same prompt that later forwards feed: rotary frequencies that depend on the length count them.</param>
public sealed record SequenceInput(ReadOnlyMemory<int> Ids, KeyValueCache? Cache = null, int Ahead = 0);

/// <summary>
/// A batch as the concatenation of its sequences' rows, <c>[tokens, hidden]</c>: no padding, ever. Sequences never see each other.
/// </summary>
public sealed class SequenceBatch
{
    /// <summary>Builds a batch.</summary>
    /// <exception cref="ArgumentException">No sequence, or one without tokens.</exception>
    public SequenceBatch(IReadOnlyList<SequenceInput> sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        if (sequences.Count == 0) throw new ArgumentException("A batch needs at least one sequence.", nameof(sequences));
        for (int i = 0; i < sequences.Count; i++)
            if (sequences[i].Ids.IsEmpty) throw new ArgumentException($"Sequence {i} has no tokens.", nameof(sequences));
        Sequences = sequences;
        TokenCount = sequences.Sum(sequence => sequence.Ids.Length);
    }

    /// <summary>The sequences in row order.</summary>
    public IReadOnlyList<SequenceInput> Sequences { get; }

    /// <summary>Rows of the batch, virtual tokens not counted.</summary>
    public int TokenCount { get; }

    /// <summary>One sequence without a cache.</summary>
    public static SequenceBatch Of(params int[][] sequences) => new([.. sequences.Select(ids => new SequenceInput(ids))]);
}

/// <summary>Where a sequence's rows lie during one forward, virtual tokens included.</summary>
/// <param name="Start">First row.</param>
/// <param name="Rows">Rows, virtual tokens included.</param>
/// <param name="Virtual">Virtual tokens at the front of the rows.</param>
/// <param name="Past">Positions before the first row: cached tokens and prefix.</param>
public readonly record struct SequenceSpan(int Start, int Rows, int Virtual, int Past);

/// <summary>A run of consecutive rows that belong to one sequence.</summary>
public readonly record struct RowSpan(int Start, int Count, int Sequence);
