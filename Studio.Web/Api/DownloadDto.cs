using Studio.Core.Serving;
using Studio.Core.Storage;

namespace Studio.Web.Api;

/// <summary>A download from the Hub as it is now.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">model or dataset.</param>
/// <param name="HubId">Id on the Hub.</param>
/// <param name="Revision">Revision that was asked for.</param>
/// <param name="Commit">Commit that it was; null until the Hub has said it.</param>
/// <param name="Subset">Subset of a data set, or null for its default.</param>
/// <param name="Split">Split of a data set; empty for train.</param>
/// <param name="State">queued, running, interrupted, failed or finished.</param>
/// <param name="Error">Why it failed or waits.</param>
/// <param name="DoneBytes">Bytes that are there.</param>
/// <param name="TotalBytes">Bytes that it needs; 0 until it is known.</param>
/// <param name="BytesPerSecond">Speed over the last seconds.</param>
/// <param name="RemainingSeconds">Estimated seconds to the end; null when unknown.</param>
/// <param name="File">File that comes now.</param>
/// <param name="ResultId">Id of the model or data set that it has become.</param>
/// <param name="CreatedAt">When it was asked for, UTC.</param>
public sealed record DownloadDto(string Id, string Kind, string HubId, string Revision, string? Commit, string? Subset, string Split, DownloadState State, string? Error,
    long DoneBytes, long TotalBytes, double BytesPerSecond, double? RemainingSeconds, string File, string? ResultId, DateTimeOffset CreatedAt)
{
    /// <summary>From what the service tells.</summary>
    public static DownloadDto Of(DownloadView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var record = view.Record;
        return new(record.Id, record.Kind, record.HubId, record.Revision, record.Commit, record.Subset, record.Split, record.State, record.Error,
            view.DoneBytes, view.TotalBytes, view.BytesPerSecond, view.Remaining?.TotalSeconds, view.File, record.ResultId, record.CreatedAt);
    }
}

/// <summary>Body of a request to download a model or a data set.</summary>
/// <param name="HubId">Id on the Hub: owner/name.</param>
/// <param name="Revision">Branch, tag or commit; absent = main.</param>
/// <param name="Token">Token of an account that may read it; absent = that of the studio's environment. It is kept in memory only.</param>
/// <param name="Load">Whether a model is loaded when it is there; absent = yes.</param>
/// <param name="Subset">Subset of a data set; absent = its default.</param>
/// <param name="Split">Split of a data set; absent = train.</param>
public sealed record DownloadBody(string HubId, string? Revision = null, string? Token = null, bool? Load = null, string? Subset = null, string? Split = null);

/// <summary>Body of a request to go on with a download.</summary>
/// <param name="Token">Token; absent = the one that was given, or that of the environment.</param>
public sealed record ResumeBody(string? Token = null);
