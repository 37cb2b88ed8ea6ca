namespace Studio.Core.Text.Tokenization;

/// <summary>
/// Byte-pair merging in O(n log n) for words of any length: a doubly linked list of symbols and a queue of candidate merges ordered by
/// rank, then by position.
/// </summary>
internal sealed class LongWordMerger
{
    private readonly Dictionary<(int Left, int Right), (int Rank, int Id)> _merges;
    private readonly IReadOnlyDictionary<string, int> _vocabulary;

    public LongWordMerger(IReadOnlyDictionary<string, int> vocabulary, IReadOnlyList<(string Left, string Right)> merges)
    {
        _vocabulary = vocabulary;
        _merges = new(merges.Count);
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var (left, right) = merges[rank];
            _merges[(vocabulary[left], vocabulary[right])] = (rank, vocabulary[left + right]);
        }
    }

    /// <summary>Appends the ids of one word, each of whose characters is a token.</summary>
    public void Encode(string word, List<int> ids)
    {
        var count = word.Length;
        var symbols = new int[count];
        var next = new int[count];
        var previous = new int[count];
        for (var i = 0; i < count; i++) (symbols[i], next[i], previous[i]) = (_vocabulary[word[i].ToString()], i + 1, i - 1);

        var queue = new PriorityQueue<(int At, int Left, int Right, int Id), (int Rank, int At)>();
        for (var i = 0; i + 1 < count; i++) Offer(i, i + 1);
        while (queue.TryDequeue(out var merge, out _))
        {
            var (at, left, right, id) = merge;
            var second = next[at];
            if (symbols[at] != left || second >= count || symbols[second] != right) continue; // an earlier merge consumed one of the two
            symbols[at] = id;
            symbols[second] = -1;
            next[at] = next[second];
            if (next[at] < count) previous[next[at]] = at;
            if (previous[at] >= 0) Offer(previous[at], at);
            if (next[at] < count) Offer(at, next[at]);
        }

        for (var i = 0; i < count; i = next[i]) ids.Add(symbols[i]);

        void Offer(int at, int second)
        {
            if (_merges.TryGetValue((symbols[at], symbols[second]), out var found))
                queue.Enqueue((at, symbols[at], symbols[second], found.Id), (found.Rank, at));
        }
    }
}
