using Studio.Core.Storage;

namespace Studio.Core.Serving;

/// <summary>What to bring from the Hub.</summary>
public sealed record DownloadRequest
{
    /// <summary>One of <see cref="DownloadKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Id on the Hub: owner/name.</summary>
    public required string HubId { get; init; }

    /// <summary>Branch, tag or commit; empty = main.</summary>
    public string Revision { get; init; } = "";

    /// <summary>Token of an account that may read it; empty = that of the studio's environment, if any. It is kept in memory only.</summary>
    public string Token { get; init; } = "";

    /// <summary>Whether a model is loaded when it is there.</summary>
    public bool Load { get; init; } = true;

    /// <summary>Subset of a data set; empty = its default.</summary>
    public string Subset { get; init; } = "";

    /// <summary>Split of a data set; empty = train.</summary>
    public string Split { get; init; } = "";
}

/// <summary>A download as it is now.</summary>
/// <param name="Record">What is stored of it.</param>
/// <param name="DoneBytes">Bytes that are there.</param>
/// <param name="TotalBytes">Bytes that it needs; 0 until it is known.</param>
/// <param name="BytesPerSecond">Speed over the last seconds; 0 when it does not run.</param>
/// <param name="Remaining">Estimated time until its end; null when unknown.</param>
/// <param name="File">File that comes now; empty between files.</param>
public sealed record DownloadView(DownloadRecord Record, long DoneBytes, long TotalBytes, double BytesPerSecond, TimeSpan? Remaining, string File);

/// <summary>Downloads from the Hub. They belong to the engine: whoever asked for one may leave, and after a restart it goes on where it stopped.</summary>
public interface IDownloadService
{
    /// <summary>Raised when a download changed or went on, a few times a second at most.</summary>
    event Action? Changed;

    /// <summary>All downloads, newest first; finished ones until they are removed or the studio starts anew.</summary>
    IReadOnlyList<DownloadView> Downloads { get; }

    /// <summary>Begins a download.</summary>
    /// <exception cref="StudioException">The id or the revision is not one, or the same is being downloaded.</exception>
    Task<DownloadView> StartAsync(DownloadRequest request, CancellationToken ct = default);

    /// <summary>Goes on with a download that failed or was interrupted, from where it stopped.</summary>
    /// <param name="id">The download.</param>
    /// <param name="token">Token; empty = that of the environment.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="NotFoundException">No such download.</exception>
    /// <exception cref="StudioException">It runs, or has finished.</exception>
    Task<DownloadView> ResumeAsync(string id, string token = "", CancellationToken ct = default);

    /// <summary>Ends a download and removes what has arrived; of a finished one, only its entry goes.</summary>
    /// <exception cref="NotFoundException">No such download.</exception>
    Task CancelAsync(string id, CancellationToken ct = default);
}
