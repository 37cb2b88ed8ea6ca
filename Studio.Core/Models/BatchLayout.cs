using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>Where everything lies in one forward: rows, virtual tokens, prefixes, positions and masks.</summary>
internal sealed class BatchLayout
{
    private readonly SequenceBatch _batch;
    private readonly int[] _prefixes;

    private BatchLayout(SequenceBatch batch, SequenceSpan[] spans, int[] prefixes)
    {
        _batch = batch;
        _prefixes = prefixes;
        Spans = spans;
        Rows = [.. spans.Select((span, i) => new RowSpan(span.Start, span.Rows, i))];
        var tokenRows = new RowSpan[spans.Length];
        for (int i = 0, at = 0; i < spans.Length; at += tokenRows[i++].Count) tokenRows[i] = new RowSpan(at, spans[i].Rows - spans[i].Virtual, i);
        TokenRows = tokenRows;
        Positions = [.. spans.SelectMany(span => Enumerable.Range(span.Past, span.Rows))];
    }

    /// <summary>Each sequence's rows.</summary>
    public IReadOnlyList<SequenceSpan> Spans { get; }

    /// <summary>Rows by sequence, virtual tokens included.</summary>
    public IReadOnlyList<RowSpan> Rows { get; }

    /// <summary>Rows by sequence before virtual tokens are inserted.</summary>
    public IReadOnlyList<RowSpan> TokenRows { get; }

    /// <summary>Position of every row.</summary>
    public int[] Positions { get; }

    public static BatchLayout Of(IForwardContext context, SequenceBatch batch)
    {
        var spans = new SequenceSpan[batch.Sequences.Count];
        var prefixes = new int[spans.Length];
        int start = 0;
        for (int i = 0; i < spans.Length; i++)
        {
            var sequence = batch.Sequences[i];
            int cached = sequence.Cache?.Length ?? 0;
            // Only the first forward of a sequence sees virtual tokens and prefix: afterwards the cache holds them.
            int virtualTokens = cached == 0 ? context.VirtualTokens(i) : 0;
            prefixes[i] = cached == 0 ? context.PrefixLength(i) : 0;
            if (cached == 0 && sequence.Cache is { } cache) cache.PrefixLength = prefixes[i];
            spans[i] = new SequenceSpan(start, sequence.Ids.Length + virtualTokens, virtualTokens, cached + prefixes[i]);
            start += spans[i].Rows;
        }
        return new BatchLayout(batch, spans, prefixes);
    }

    /// <summary>Prefix rows that this forward puts in front of a sequence's keys.</summary>
    public int PrefixRows(int sequence) => _prefixes[sequence];

    /// <summary>Prefix rows in front of a sequence's keys, put there by this forward or an earlier one.</summary>
    public int PrefixInCache(int sequence) => Cache(sequence)?.PrefixLength ?? _prefixes[sequence];

    public KeyValueCache? Cache(int sequence) => _batch.Sequences[sequence].Cache;

    /// <summary>All token ids, [tokens] int64.</summary>
    public Tensor TokenIds(Device device)
    {
        var ids = new long[_batch.TokenCount];
        int at = 0;
        foreach (var sequence in _batch.Sequences)
            foreach (int id in sequence.Ids.Span) ids[at++] = id;
        return tensor(ids, dtype: ScalarType.Int64, device: device);
    }

    /// <summary>Puts each sequence's virtual tokens in front of its embeddings.</summary>
    public Tensor InsertVirtualTokens(IForwardContext context, Tensor embeddings)
    {
        if (Spans.All(span => span.Virtual == 0)) return embeddings;
        var pieces = new List<Tensor>();
        for (int i = 0; i < Spans.Count; i++)
        {
            if (Spans[i].Virtual > 0) pieces.Add(context.VirtualEmbeddings(i).to(embeddings.dtype));
            pieces.Add(embeddings.narrow(0, TokenRows[i].Start, TokenRows[i].Count));
        }
        return cat(pieces, 0);
    }
}
