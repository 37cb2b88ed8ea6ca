namespace Studio.Bench.Verify;

/// <summary>The padded batch of a reference file, and results laid out like it.</summary>
internal static class PaddedBatch
{
    /// <summary>The sequences of <c>padded.input_ids</c> without their padding.</summary>
    public static IReadOnlyList<LabelledSequence> Read(GoldenFile golden) =>
        LabelledSequence.Split(golden.Ids("padded.input_ids"), (int)golden.Shape("padded.input_ids")[^1], golden.Ids("padded.attention_mask"));

    /// <summary>
    /// The same with the padding kept as tokens that nobody predicts, for models whose rotary frequencies depend on the length: transformers
    /// takes the padded length for every row.
    /// </summary>
    public static IReadOnlyList<LabelledSequence> ReadWithPadding(GoldenFile golden)
    {
        int[] ids = golden.Ids("padded.input_ids"), mask = golden.Ids("padded.attention_mask");
        return LabelledSequence.Split(ids, (int)golden.Shape("padded.input_ids")[^1], labels: [.. ids.Select((id, i) => mask[i] == 0 ? LabelledSequence.Ignored : id)]);
    }

    /// <summary>Where a reference holds no padded ids: its own batch, with the second row padded from <paramref name="realTokens"/> on.</summary>
    public static IReadOnlyList<LabelledSequence> Shortened(IReadOnlyList<LabelledSequence> sequences, int realTokens) =>
        [sequences[0], new LabelledSequence(sequences[1].Ids[..realTokens], sequences[1].Labels[..realTokens], sequences[1].Places[..realTokens])];

    /// <summary>Puts rows [tokens, width] into [sequences, columns, width]; padding stays zero.</summary>
    public static float[] Scatter(float[] rows, IReadOnlyList<LabelledSequence> sequences, long[] shape)
    {
        int columns = (int)shape[1], width = (int)shape[2], at = 0;
        var padded = new float[sequences.Count * columns * width];
        for (int i = 0; i < sequences.Count; i++)
            foreach (int place in sequences[i].Places)
                Array.Copy(rows, at++ * width, padded, (i * columns + place) * width, width);
        return padded;
    }
}
