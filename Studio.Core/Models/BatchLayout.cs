using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>Where everything lies in one forward: rows, virtual tokens, prefixes and positions.</summary>
internal sealed class BatchLayout
{
    private readonly SequenceBatch _batch;
    private readonly ReadOnlyMemory<int>[] _ids;
    private readonly int[] _prefixes;

    private BatchLayout(SequenceBatch batch, ReadOnlyMemory<int>[] ids, SequenceSpan[] spans, int[] prefixes)
    {
        _batch = batch;
        _ids = ids;
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
        var ids = new ReadOnlyMemory<int>[spans.Length];
        var prefixes = new int[spans.Length];
        int start = 0;
        for (int i = 0; i < spans.Length; i++)
        {
            var sequence = batch.Sequences[i];
            ids[i] = sequence.Cache?.Take(sequence.Ids, sequence.Ahead) ?? sequence.Ids;
            int cached = sequence.Cache?.Length ?? 0;
            // Only the first forward of a sequence sees virtual tokens and prefix: afterwards the cache holds them.
            int virtualTokens = cached == 0 ? context.VirtualTokens(i) : 0;
            prefixes[i] = cached == 0 ? context.PrefixLength(i) : 0;
            spans[i] = new SequenceSpan(start, ids[i].Length + virtualTokens, virtualTokens, cached + prefixes[i]);
            start += spans[i].Rows;
        }
        return new BatchLayout(batch, ids, spans, prefixes);
    }

    /// <summary>Whether the keys that queries see are those of these rows, nothing from a cache and no prefix.</summary>
    public bool StandsAlone => _prefixes.All(prefix => prefix == 0) && _batch.Sequences.All(sequence => sequence.Cache is null);

    /// <summary>The caches of a batch that has one new row a sequence and nothing before the caches' content; null for other batches, and where the rows would have to be converted.</summary>
    public IReadOnlyList<KeyValueCache>? CachesOfSingleRows(Tensor rows)
    {
        var caches = new KeyValueCache[Spans.Count];
        for (int i = 0; i < caches.Length; i++)
        {
            if (Spans[i].Rows != 1 || _prefixes[i] > 0 || Cache(i) is not { } cache || !cache.TakesAsIs(rows)) return null;
            caches[i] = cache;
        }
        return caches;
    }

    public int PrefixRows(int sequence) => _prefixes[sequence];

    public KeyValueCache? Cache(int sequence) => _batch.Sequences[sequence].Cache;

    /// <summary>Positions of a sequence once its whole prompt has been fed.</summary>
    public int FinalLength(int sequence) => Spans[sequence].Past + Spans[sequence].Rows + _batch.Sequences[sequence].Ahead;

    /// <summary>All token ids, [tokens] int64.</summary>
    public Tensor TokenIds(Device device)
    {
        var all = new long[_ids.Sum(own => own.Length)];
        int at = 0;
        foreach (var own in _ids)
            foreach (int id in own.Span) all[at++] = id;
        return tensor(all, dtype: ScalarType.Int64, device: device);
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

    /// <summary>The rows that the caller asked for: a cache that was filled anew has more of them.</summary>
    public Tensor AskedRows(Tensor rows)
    {
        if (!_ids.Where((own, i) => own.Length != _batch.Sequences[i].Ids.Length).Any()) return rows;
        var pieces = new List<Tensor>();
        for (int i = 0; i < Spans.Count; i++)
        {
            int asked = _ids[i].Length == _batch.Sequences[i].Ids.Length ? Spans[i].Rows : _batch.Sequences[i].Ids.Length;
            pieces.Add(rows.narrow(0, Spans[i].Start + Spans[i].Rows - asked, asked));
        }
        return cat(pieces, 0);
    }
}
