using System.Runtime.InteropServices;

namespace Studio.Core.Generation;

/// <summary>What acts on logits [vocabulary] whether or not the answer is drawn, as in transformers' <c>generation/logits_process.py</c>.</summary>
internal static class LogitsProcessors
{
    /// <summary>Keskar et al. 2019 (CTRL), as in <c>RepetitionPenaltyLogitsProcessor</c>.</summary>
    public static void PenalizeRepetition(Span<float> logits, IReadOnlyCollection<int> seen, float penalty)
    {
        foreach (int id in seen) logits[id] = logits[id] > 0 ? logits[id] / penalty : logits[id] * penalty;
    }

    /// <summary>Forbids what would complete a group of tokens that is in the sequence already (<c>NoRepeatNGramLogitsProcessor</c>).</summary>
    public static void ForbidRepeatedNgrams(Span<float> logits, List<int> sequence, int size)
    {
        if (size == 0 || sequence.Count + 1 < size) return;
        var ids = CollectionsMarshal.AsSpan(sequence);
        var end = ids[(ids.Length - size + 1)..];
        for (int i = 0; i + size <= ids.Length; i++)
            if (ids.Slice(i, size - 1).SequenceEqual(end)) logits[ids[i + size - 1]] = float.NegativeInfinity;
    }

    /// <summary>
    /// Forbids the last token of each word whose other tokens have just come. A word longer than the sequence waits, and an end token that
    /// stands alone is not forbidden (<c>NoBadWordsLogitsProcessor</c>, a <c>SequenceBiasLogitsProcessor</c> of minus infinity).
    /// </summary>
    public static void ForbidWords(Span<float> logits, List<int> sequence, IReadOnlyList<IReadOnlyList<int>> words, int[] endIds)
    {
        foreach (var word in words)
        {
            int before = word.Count - 1;
            if (before == 0 ? endIds.Contains(word[0]) : word.Count > sequence.Count) continue;
            bool matches = true;
            for (int i = 0; matches && i < before; i++) matches = sequence[sequence.Count - before + i] == word[i];
            if (matches) logits[word[before]] = float.NegativeInfinity;
        }
    }

    /// <summary>Forbids tokens (<c>SuppressTokensLogitsProcessor</c>, <c>MinNewTokensLengthLogitsProcessor</c>).</summary>
    public static void Forbid(Span<float> logits, IReadOnlyList<int> ids)
    {
        foreach (int id in ids)
            if (id < logits.Length) logits[id] = float.NegativeInfinity;
    }
}
