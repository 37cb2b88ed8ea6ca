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
            spans[i] = new SequenceSpan(start, sequence.Ids.Length + virtualTokens, virtualTokens, cached + prefixes[i]);
            start += spans[i].Rows;
        }
        return new BatchLayout(batch, spans, prefixes);
    }

    public int PrefixRows(int sequence) => _prefixes[sequence];

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

    /// <summary>Per sequence the mask [n, past + n] (true = visible), or null where plain causality or no mask at all does.</summary>
    public Tensor?[] Masks(Device device)
    {
        var masks = new Tensor?[Spans.Count];
        for (int i = 0; i < masks.Length; i++)
        {
            var span = Spans[i];
            if (span.Rows > 1 && span.Past > 0)
                masks[i] = ones([span.Rows, span.Past + span.Rows], dtype: ScalarType.Bool, device: device).tril(span.Past);
        }
        return masks;
    }
}
