namespace Studio.Core.Storage;

/// <summary>Where a download stands.</summary>
public enum DownloadState
{
    /// <summary>Waits for other downloads.</summary>
    Queued,

    /// <summary>Bytes arrive.</summary>
    Running,

    /// <summary>The studio was closed, and it needs its token again.</summary>
    Interrupted,

    /// <summary>Ended by an error, see <see cref="DownloadRecord.Error"/>; what has arrived is kept.</summary>
    Failed,

    /// <summary>Everything is there.</summary>
    Finished,
}

/// <summary>A download from the Hub. Its token is never stored.</summary>
public sealed record DownloadRecord : IRecord
{
    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>What comes: one of <see cref="DownloadKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Id on the Hub.</summary>
    public required string HubId { get; init; }

    /// <summary>Revision that was asked for.</summary>
    public required string Revision { get; init; }

    /// <summary>Commit that the revision was when the download began; null until the Hub has said it.</summary>
    public string? Commit { get; init; }

    /// <summary>Subset of a data set; null = its default.</summary>
    public string? Subset { get; init; }

    /// <summary>Split of a data set.</summary>
    public string Split { get; init; } = "";

    /// <summary>Whether a model is loaded when it is there.</summary>
    public bool Load { get; init; }

    /// <summary>Whether a token was given for it, rather than that of the environment.</summary>
    public bool HasOwnToken { get; init; }

    /// <summary>Where it stands.</summary>
    public required DownloadState State { get; init; }

    /// <summary>What went wrong, for a failed one.</summary>
    public string? Error { get; init; }

    /// <summary>Bytes that it needs; 0 until it is known. As of its last change of state.</summary>
    public long TotalBytes { get; init; }

    /// <summary>Bytes that are there. As of its last change of state.</summary>
    public long DoneBytes { get; init; }

    /// <summary>Id of the model or data set that it has become.</summary>
    public string? ResultId { get; init; }

    /// <inheritdoc/>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>Values of <see cref="DownloadRecord.Kind"/>.</summary>
public static class DownloadKind
{
    /// <summary>A model.</summary>
    public const string Model = "model";

    /// <summary>A data set.</summary>
    public const string Dataset = "dataset";
}
