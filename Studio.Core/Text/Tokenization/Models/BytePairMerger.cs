namespace Studio.Core.Text.Tokenization;

/// <summary>
/// Byte-pair merging: again and again the pair of lowest rank, the leftmost of several, becomes one symbol. Short words are scanned; long
/// ones go through a queue over a linked list, O(n log n) for words of any length. Both give the same symbols.
/// </summary>
internal sealed class BytePairMerger
{
    /// <summary>The longest word that is scanned.</summary>
    internal const int LongestScan = 48;

    private const int None = int.MaxValue;

    private readonly Dictionary<ulong, (int Rank, int Id)> _merges;

    /// <param name="merges">Pairs of ids in the order of their rank, with the id that each makes. Of equal pairs the last counts.</param>
    public BytePairMerger(IReadOnlyCollection<(int Left, int Right, int Id)> merges)
    {
        _merges = new(merges.Count);
        var rank = 0;
        foreach (var (left, right, id) in merges) _merges[Key(left, right)] = (rank++, id);
    }

    /// <summary>Merges the symbols in place; the first ones, as many as the result says, are what remains.</summary>
    public int Merge(Span<int> symbols) => symbols.Length <= LongestScan ? Scan(symbols) : Queue(symbols);

    /// <summary>Quadratic in the number of symbols, without any allocation.</summary>
    internal int Scan(Span<int> symbols)
    {
        var count = symbols.Length;
        if (count < 2) return count;
        Span<(int Rank, int Id)> pairs = count <= LongestScan ? stackalloc (int, int)[count] : new (int, int)[count];
        for (var i = 0; i + 1 < count; i++) pairs[i] = Find(symbols[i], symbols[i + 1]);
        while (true)
        {
            var best = -1;
            var rank = None;
            for (var i = 0; i + 1 < count; i++)
                if (pairs[i].Rank < rank) (best, rank) = (i, pairs[i].Rank);
            if (best < 0) return count;
            symbols[best] = pairs[best].Id;
            symbols[(best + 2)..count].CopyTo(symbols[(best + 1)..]);
            count--;
            if (best + 1 < count)
            {
                pairs[(best + 2)..count].CopyTo(pairs[(best + 1)..]);
                pairs[best] = Find(symbols[best], symbols[best + 1]);
            }

            if (best > 0) pairs[best - 1] = Find(symbols[best - 1], symbols[best]);
        }
    }

    /// <summary>O(n log n).</summary>
    internal int Queue(Span<int> symbols)
    {
        var count = symbols.Length;
        var next = new int[count];
        var previous = new int[count];
        var queue = new PriorityQueue<int, ulong>(count); // the id that the merge makes; by rank, then position
        for (var i = 0; i < count; i++) (next[i], previous[i]) = (i + 1, i - 1);
        for (var i = 0; i + 1 < count; i++) Offer(symbols, i, i + 1);
        while (queue.TryDequeue(out var id, out var priority))
        {
            var at = (int)(uint)priority;
            var second = next[at];
            // An earlier merge may have consumed one of the two.
            if (symbols[at] < 0 || second >= count || Find(symbols[at], symbols[second]).Id != id) continue;
            symbols[at] = id;
            symbols[second] = -1;
            next[at] = next[second];
            if (next[at] < count) previous[next[at]] = at;
            if (previous[at] >= 0) Offer(symbols, previous[at], at);
            if (next[at] < count) Offer(symbols, at, next[at]);
        }

        var kept = 0;
        for (var i = 0; i < count; i = next[i]) symbols[kept++] = symbols[i];
        return kept;

        void Offer(Span<int> all, int at, int second)
        {
            var (rank, id) = Find(all[at], all[second]);
            if (rank != None) queue.Enqueue(id, ((ulong)rank << 32) | (uint)at);
        }
    }

    private (int Rank, int Id) Find(int left, int right) => _merges.TryGetValue(Key(left, right), out var found) ? found : (None, -1);

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;
}
