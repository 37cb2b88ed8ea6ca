namespace Studio.Bench.Verify;

/// <summary>One sequence without its padding.</summary>
/// <param name="Ids">Token ids.</param>
/// <param name="Labels">Per token the id that the token before it should predict, or -100.</param>
/// <param name="Places">Per token its column in the padded reference.</param>
public sealed record LabelledSequence(int[] Ids, int[] Labels, int[] Places)
{
    /// <summary>Label of positions that do not count.</summary>
    public const int Ignored = -100;

    /// <summary>Splits a rectangular batch [rows, columns] into its sequences.</summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="mask">1 = a token, 0 = padding; null = no padding.</param>
    /// <param name="labels">Labels; null = the ids themselves.</param>
    public static IReadOnlyList<LabelledSequence> Split(ReadOnlySpan<int> ids, int columns, ReadOnlySpan<int> mask = default, ReadOnlySpan<int> labels = default)
    {
        var sequences = new List<LabelledSequence>();
        for (int start = 0; start < ids.Length; start += columns)
        {
            var places = new List<int>();
            for (int column = 0; column < columns; column++)
                if (mask.IsEmpty || mask[start + column] != 0) places.Add(column);
            var own = new int[places.Count];
            var wanted = new int[places.Count];
            for (int i = 0; i < own.Length; i++)
            {
                own[i] = ids[start + places[i]];
                wanted[i] = labels.IsEmpty ? own[i] : labels[start + places[i]];
            }
            sequences.Add(new LabelledSequence(own, wanted, [.. places]));
        }
        return sequences;
    }

    /// <summary>Reads the unpadded batch of a reference file.</summary>
    public static IReadOnlyList<LabelledSequence> Read(GoldenFile golden) =>
        Split(golden.Ids("input_ids"), (int)golden.Shape("input_ids")[^1]);
}
