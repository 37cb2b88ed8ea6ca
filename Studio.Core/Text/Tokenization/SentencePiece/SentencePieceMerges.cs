namespace Studio.Core.Text.Tokenization;

/// <summary>
/// The merges of a SentencePiece BPE model. The file holds only pieces and scores; a piece can be made of any two pieces that spell it, and the
/// better its score the earlier (<c>generate_merges</c> in transformers' convert_slow_tokenizer).
/// </summary>
internal static class SentencePieceMerges
{
    /// <param name="vocabulary">The id of each piece.</param>
    /// <param name="score">The score of each id.</param>
    public static List<(int Left, int Right, int Id)> From(Dictionary<string, int> vocabulary, Func<int, float> score)
    {
        var lookup = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        var lengths = vocabulary.ToDictionary(entry => entry.Value, entry => entry.Key.EnumerateRunes().Count());
        var merges = new List<(int Left, int Right, int Id)>();
        foreach (var (piece, id) in vocabulary.OrderBy(entry => entry.Value))
        {
            var splits = new List<(int Left, int Right, int Id)>();
            for (var at = 1; at < piece.Length; at++)
                if (!char.IsLowSurrogate(piece[at]) && lookup.TryGetValue(piece.AsSpan(0, at), out var left) && lookup.TryGetValue(piece.AsSpan(at), out var right))
                    splits.Add((left, right, id));
            merges.AddRange(splits.Order());
        }

        return [.. merges.OrderByDescending(merge => score(merge.Id)).ThenByDescending(merge => lengths[merge.Left]).ThenByDescending(merge => lengths[merge.Right])];
    }
}
