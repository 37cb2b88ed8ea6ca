using Studio.Core.Models;

namespace Studio.Core.Generation;

/// <summary>
/// Keys and values of ended answers, for prompts that begin with the same tokens: the next turn of a conversation, or another answer to it. Owns them;
/// what was of no use for longest goes first. All calls run on lanes, where tensors are freed.
/// </summary>
/// <param name="budget">Most bytes to keep; 0 = nothing.</param>
internal sealed class PrefixCache(long budget) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = []; // in the order of their last use
    private readonly HashSet<string> _forgotten = new(StringComparer.Ordinal);
    private long _bytes;

    /// <summary>Bytes that are kept.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>With how many known tokens a prompt can begin.</summary>
    public int Usable(string edition, ReadOnlySpan<int> prompt)
    {
        lock (_gate) return Best(edition, prompt).Tokens;
    }

    /// <summary>Keys and values of the longest known beginning of a prompt: they themselves where all of them are used, else a copy. Belong to the caller.</summary>
    public (KeyValueCache? Cache, int Tokens) Take(string edition, ReadOnlySpan<int> prompt)
    {
        lock (_gate)
        {
            var (best, tokens) = Best(edition, prompt);
            if (best is null) return (null, 0);
            _entries.Remove(best);
            if (tokens == best.Prefix.Tokens.Length) Count(-best.Prefix.Cache.Bytes);
            else _entries.Add(best);
            return (tokens == best.Prefix.Tokens.Length ? best.Prefix.Cache : best.Prefix.Copy(tokens, prompt.Length), tokens);
        }
    }

    /// <summary>Takes over keys and values; frees them, or others, where they are too many.</summary>
    /// <param name="prefix">What they are of.</param>
    /// <param name="adapters">Ids of the adapters that had a part in them.</param>
    public void Keep(KnownPrefix prefix, IReadOnlyList<string> adapters)
    {
        lock (_gate)
        {
            if (prefix.Cache.Bytes > budget || adapters.Any(_forgotten.Contains) || _entries.Exists(entry => Covers(entry.Prefix, prefix)))
            {
                prefix.Cache.Dispose();
                return;
            }
            Drop(entry => Covers(prefix, entry.Prefix));
            _entries.Add(new Entry(prefix, adapters));
            Count(prefix.Cache.Bytes);
            while (_bytes > budget) Free(_entries[0]);
        }
    }

    /// <summary>Frees what an adapter had a part in, now and later: it will not answer again.</summary>
    public void Forget(string adapterId)
    {
        lock (_gate)
        {
            _forgotten.Add(adapterId);
            Drop(entry => entry.Adapters.Contains(adapterId));
        }
    }

    /// <summary>Frees everything.</summary>
    public void Dispose()
    {
        lock (_gate) Drop(_ => true);
    }

    private (Entry? Entry, int Tokens) Best(string edition, ReadOnlySpan<int> prompt)
    {
        (Entry? Entry, int Tokens) best = (null, 0);
        foreach (var entry in _entries)
            if (entry.Prefix.Usable(edition, prompt) is var tokens && tokens > best.Tokens) best = (entry, tokens);
        return best;
    }

    // Whether one can give everything that another has.
    private static bool Covers(KnownPrefix longer, KnownPrefix shorter) =>
        longer.Edition == shorter.Edition && longer.Tokens.Span.StartsWith(shorter.Tokens.Span) && longer.Cache.CanTruncate(shorter.Cache.Length);

    private void Drop(Func<Entry, bool> which)
    {
        foreach (var entry in _entries.Where(which).ToList()) Free(entry);
    }

    private void Free(Entry entry)
    {
        _entries.Remove(entry);
        Count(-entry.Prefix.Cache.Bytes);
        entry.Prefix.Cache.Dispose();
    }

    private void Count(long bytes) => Interlocked.Add(ref _bytes, bytes);

    private sealed record Entry(KnownPrefix Prefix, IReadOnlyList<string> Adapters);
}
