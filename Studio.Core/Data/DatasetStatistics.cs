namespace Studio.Core.Data;

/// <summary>Sizes of a dataset under a model's tokenizer and chat template. Lengths are in tokens, before any truncation.</summary>
public sealed record DatasetStatistics
{
    /// <summary>How many rows.</summary>
    public required int Rows { get; init; }

    /// <summary>How many messages in all conversations; a raw text counts as one.</summary>
    public required int Turns { get; init; }

    /// <summary>All tokens.</summary>
    public required long Tokens { get; init; }

    /// <summary>Tokens that a fine-tune learns.</summary>
    public required long TrainedTokens { get; init; }

    /// <summary>The shortest row.</summary>
    public required int MinTokens { get; init; }

    /// <summary>The median row (nearest rank).</summary>
    public required int MedianTokens { get; init; }

    /// <summary>The row that 95 % of the rows do not exceed (nearest rank).</summary>
    public required int P95Tokens { get; init; }

    /// <summary>The longest row.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>How many rows are longer than the context and would lose their end.</summary>
    public required int LongerThanContext { get; init; }

    /// <summary>Renders and measures every row.</summary>
    /// <param name="rows">The rows; all figures are 0 where there is none.</param>
    /// <param name="renderer">Renders them for the model.</param>
    /// <param name="contextLength">The longest sample in tokens.</param>
    /// <param name="cancellation">Ends the work between rows.</param>
    public static DatasetStatistics Measure(
        IReadOnlyList<DatasetRow> rows, RowRenderer renderer, int contextLength, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(renderer);
        var lengths = new List<int>(rows.Count);
        long trained = 0;
        foreach (var row in rows)
        {
            cancellation.ThrowIfCancellationRequested();
            var chat = renderer.Encode(row);
            lengths.Add(chat.Ids.Length);
            trained += new TrainingSample(chat.Ids, chat.Trained).TrainedTokens;
        }

        lengths.Sort();
        return new DatasetStatistics
        {
            Rows = rows.Count,
            Turns = rows.Sum(row => row.Text is null ? row.Messages.Count : 1),
            Tokens = lengths.Sum(length => (long)length),
            TrainedTokens = trained,
            MinTokens = Rank(lengths, 0),
            MedianTokens = Rank(lengths, 50),
            P95Tokens = Rank(lengths, 95),
            MaxTokens = Rank(lengths, 100),
            LongerThanContext = lengths.Count(length => length > contextLength),
        };
    }

    private static int Rank(List<int> sorted, int percent) =>
        sorted.Count == 0 ? 0 : sorted[Math.Max(0, (int)((((long)percent * sorted.Count) + 99) / 100) - 1)];
}
