namespace Studio.Core.Storage;

/// <summary>A data set whose file lies in <c>datasets/&lt;id&gt;/</c> of the data directory.</summary>
public sealed record DatasetRecord : IRecord
{
    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>Name shown to people.</summary>
    public required string Name { get; init; }

    /// <summary>File name within the data set's folder, without a path.</summary>
    public required string FileName { get; init; }

    /// <summary>Name of the row schema that the import detected.</summary>
    public required string Schema { get; init; }

    /// <summary>Usable rows.</summary>
    public required long Rows { get; init; }

    /// <summary>Rows that the import refused.</summary>
    public required long BadRows { get; init; }

    /// <summary>Size of the file, bytes.</summary>
    public required long Bytes { get; init; }

    /// <inheritdoc/>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Where it came from: one of <see cref="DatasetSource"/>.</summary>
    public required string Source { get; init; }
}

/// <summary>Values of <see cref="DatasetRecord.Source"/>.</summary>
public static class DatasetSource
{
    /// <summary>Ships with the studio.</summary>
    public const string Sample = "sample";

    /// <summary>Brought by the user.</summary>
    public const string Upload = "upload";
}
