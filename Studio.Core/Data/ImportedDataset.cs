namespace Studio.Core.Data;

/// <summary>What was read from a dataset file.</summary>
public sealed record ImportedDataset
{
    /// <summary>The layout of the file, recognised by its first readable line.</summary>
    public required DatasetFormat Format { get; init; }

    /// <summary>The usable rows, in the order of the file.</summary>
    public required IReadOnlyList<DatasetRow> Rows { get; init; }

    /// <summary>The first errors, at most as many as asked for.</summary>
    public required IReadOnlyList<RowError> Errors { get; init; }

    /// <summary>How many lines have errors, including those that <see cref="Errors"/> has no room for.</summary>
    public required int ErrorCount { get; init; }
}

/// <summary>Bounds of an import.</summary>
public sealed record ImportLimits
{
    /// <summary>How many errors are kept. Default 100.</summary>
    public int KeptErrors { get; init; } = 100;

    /// <summary>The longest line in bytes; a longer one is an error of that line. Default 8 MiB.</summary>
    public int LineBytes { get; init; } = 8 << 20;
}
