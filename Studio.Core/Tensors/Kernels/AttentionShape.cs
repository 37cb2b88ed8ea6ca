namespace Studio.Core.Tensors.Kernels;

/// <summary>Where the heads of queries, keys and values lie in a row, and how queries see keys.</summary>
public sealed record AttentionShape
{
    /// <summary>Features of a head.</summary>
    public required int Width { get; init; }

    /// <summary>First column of each query head.</summary>
    public required IReadOnlyList<int> Queries { get; init; }

    /// <summary>First column of each key head; query head i reads key head i / (queries / keys).</summary>
    public required IReadOnlyList<int> Keys { get; init; }

    /// <summary>First column of each value head.</summary>
    public required IReadOnlyList<int> Values { get; init; }

    /// <summary>Factor on q k^T, above 0.</summary>
    public required double Scale { get; init; }

    /// <summary>Keys that a query sees, its own included; 0 = all before it.</summary>
    public int Window { get; init; }

    /// <summary>Query heads to a key head.</summary>
    public int Group => Queries.Count / Keys.Count;

    /// <summary>Heads in groups, one after the other: the queries of a group, its keys, its values. One group: all queries, all keys, all values.</summary>
    /// <param name="heads">Query heads.</param>
    /// <param name="keyValueHeads">Key and value heads.</param>
    /// <param name="width">Features of a head.</param>
    /// <param name="scale">Factor on q k^T.</param>
    /// <param name="window">Keys that a query sees; 0 = all.</param>
    /// <param name="groups">Groups; divides both numbers of heads.</param>
    /// <param name="valuesFirst">Whether values lie before keys.</param>
    public static AttentionShape Of(int heads, int keyValueHeads, int width, double scale, int window = 0, int groups = 1, bool valuesFirst = false)
    {
        int queries = heads / groups, others = keyValueHeads / groups, all = queries + 2 * others;
        return new AttentionShape
        {
            Width = width,
            Queries = Columns(queries, 0),
            Keys = Columns(others, valuesFirst ? queries + others : queries),
            Values = Columns(others, valuesFirst ? queries : queries + others),
            Scale = scale,
            Window = window,
        };

        int[] Columns(int count, int from) => [.. Enumerable.Range(0, groups * count).Select(head => (head / count * all + from + head % count) * width)];
    }
}
