using Microsoft.AspNetCore.Http.HttpResults;
using Studio.Core;
using Studio.Core.Serving;
using Studio.Core.Storage;

namespace Studio.Web.Api;

/// <summary><c>/api/models/downloads</c> and <c>/api/datasets/downloads</c>: downloads from the Hub. They belong to the engine: a caller that leaves changes nothing.</summary>
public static class DownloadEndpoints
{
    /// <summary>Maps both groups.</summary>
    public static void MapDownloads(this IEndpointRouteBuilder api)
    {
        Map(api, "/models/downloads", "Model", DownloadKind.Model);
        Map(api, "/datasets/downloads", "Dataset", DownloadKind.Dataset);
    }

    private static void Map(IEndpointRouteBuilder api, string path, string name, string kind)
    {
        var group = api.MapGroup(path).WithTags("Downloads");
        group.MapGet("", (IDownloadService downloads) => TypedResults.Ok<IReadOnlyList<DownloadDto>>([.. Of(downloads, kind).Select(DownloadDto.Of)]))
            .WithName($"List{name}Downloads").WithSummary("Downloads, newest first.");
        group.MapPost("", (JsonBody<DownloadBody> body, IDownloadService downloads, CancellationToken ct) => StartAsync(body.Value, downloads, kind, path, ct))
            .WithName($"Start{name}Download").WithSummary("Begins a download; answers at once.");
        group.MapGet("/{id}", (string id, IDownloadService downloads) => TypedResults.Ok(DownloadDto.Of(One(downloads, kind, id))))
            .WithName($"Get{name}Download").WithSummary("One download: where it stands, bytes, speed.");
        group.MapPost("/{id}/resume", (string id, JsonBody<ResumeBody> body, IDownloadService downloads, CancellationToken ct) => ResumeAsync(id, body.Value, downloads, kind, ct))
            .WithName($"Resume{name}Download").WithSummary("Goes on with a download that failed or was interrupted.").WithMetadata(new RefusalStatus(StatusCodes.Status409Conflict));
        group.MapDelete("/{id}", (string id, IDownloadService downloads, CancellationToken ct) => CancelAsync(id, downloads, kind, ct))
            .WithName($"Cancel{name}Download").WithSummary("Ends a download and removes what has arrived; of a finished one, only its entry goes.");
    }

    private static IEnumerable<DownloadView> Of(IDownloadService downloads, string kind) => downloads.Downloads.Where(view => view.Record.Kind == kind);

    private static DownloadView One(IDownloadService downloads, string kind, string id) =>
        Of(downloads, kind).FirstOrDefault(view => view.Record.Id == id) ?? throw new NotFoundException("download", id);

    private static async Task<Accepted<DownloadDto>> StartAsync(DownloadBody body, IDownloadService downloads, string kind, string path, CancellationToken ct)
    {
        var view = await downloads.StartAsync(new DownloadRequest
        {
            Kind = kind,
            HubId = body.HubId,
            Revision = body.Revision ?? "",
            Token = body.Token ?? "",
            Load = body.Load ?? true,
            Subset = body.Subset ?? "",
            Split = body.Split ?? "",
        }, ct);
        return TypedResults.Accepted($"{StudioApi.Path}{path}/{view.Record.Id}", DownloadDto.Of(view));
    }

    private static async Task<Ok<DownloadDto>> ResumeAsync(string id, ResumeBody body, IDownloadService downloads, string kind, CancellationToken ct)
    {
        One(downloads, kind, id);
        return TypedResults.Ok(DownloadDto.Of(await downloads.ResumeAsync(id, body.Token ?? "", ct)));
    }

    private static async Task<NoContent> CancelAsync(string id, IDownloadService downloads, string kind, CancellationToken ct)
    {
        One(downloads, kind, id);
        await downloads.CancelAsync(id, ct);
        return TypedResults.NoContent();
    }
}
