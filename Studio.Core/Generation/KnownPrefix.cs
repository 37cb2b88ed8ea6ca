using Studio.Core.Models;

namespace Studio.Core.Generation;

/// <summary>Tokens whose keys and values are there.</summary>
/// <param name="Edition">Of whose values: the adapter's (<see cref="Clients.AdapterInstance.Edition"/>), or nothing for the plain base.</param>
/// <param name="Tokens">The tokens, in order.</param>
/// <param name="Cache">Their keys and values, after those of virtual tokens and prefix.</param>
internal readonly record struct KnownPrefix(string Edition, ReadOnlyMemory<int> Tokens, KeyValueCache Cache)
{
    // Fewer are the words with which every prompt of a template begins.
    private const int Fewest = 16;

    private int Lead => Cache.Length - Tokens.Length;

    /// <summary>How many of its tokens a prompt can begin with, as if they had been read anew; at least one is left to read.</summary>
    public int Usable(string edition, ReadOnlySpan<int> prompt)
    {
        if (edition != Edition) return 0;
        int common = Math.Min(Tokens.Span.CommonPrefixLength(prompt), prompt.Length - 1);
        return common >= Fewest && Cache.CanTruncate(Lead + common) && Cache.Serves(Lead + prompt.Length) ? common : 0;
    }

    /// <summary>A copy of the first tokens' keys and values.</summary>
    /// <param name="tokens">How many.</param>
    /// <param name="room">Tokens to make room for.</param>
    public KeyValueCache Copy(int tokens, int room) => Cache.Copy(Lead + tokens, Lead + room);
}
