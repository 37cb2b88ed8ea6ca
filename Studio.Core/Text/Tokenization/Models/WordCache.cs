using System.Collections.Concurrent;

namespace Studio.Core.Text.Tokenization;

/// <summary>The ids of words seen before. Bounded: when full it takes no more, because the frequent words come early.</summary>
internal sealed class WordCache
{
    private const int Capacity = 1 << 15;
    private const int LongestWord = 64;

    private readonly ConcurrentDictionary<string, int[]> _known = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Appends the ids of a word that is known.</summary>
    public bool TryAppend(string word, List<int> ids)
    {
        if (word.Length > LongestWord || !_known.TryGetValue(word, out var found)) return false;
        ids.AddRange(found);
        return true;
    }

    /// <summary>Remembers the ids of a word.</summary>
    public void Add(string word, ReadOnlySpan<int> ids)
    {
        if (word.Length > LongestWord || Volatile.Read(ref _count) >= Capacity) return;
        if (_known.TryAdd(word, ids.ToArray())) Interlocked.Increment(ref _count);
    }
}
