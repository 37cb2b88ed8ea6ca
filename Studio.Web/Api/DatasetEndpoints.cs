using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Studio.Core.Serving;

namespace Studio.Web.Api;

/// <summary><c>/api/datasets</c>: data sets.</summary>
public static class DatasetEndpoints
{
    /// <summary>Maps the group.</summary>
    public static void MapDatasets(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/datasets").WithTags("Datasets");
        group.MapGet("", ListAsync).WithName("ListDatasets").WithSummary("All data sets, newest first.");
        group.MapPost("", UploadAsync).WithName("UploadDataset").WithSummary("Imports a JSONL file: multipart, or the file itself as the body.")
            .WithMetadata(new AcceptsForm(), new RequestSizeLimitAttribute(RequestLimits.DatasetBytes));
        group.MapGet("/{id}", GetAsync).WithName("GetDataset").WithSummary("One data set with the lines that are not used.");
        group.MapDelete("/{id}", DeleteAsync).WithName("DeleteDataset").WithSummary("Deletes a data set that no unfinished run uses.")
            .WithMetadata(new RefusalStatus(StatusCodes.Status409Conflict));
    }

    private static async Task<Ok<IReadOnlyList<DatasetDto>>> ListAsync(IDatasetService datasets, CancellationToken ct) =>
        TypedResults.Ok<IReadOnlyList<DatasetDto>>([.. (await datasets.ListAsync(ct)).Select(DatasetDto.Of)]);

    private static async Task<Created<DatasetDetailDto>> UploadAsync(HttpRequest request, IDatasetService datasets, string? name, CancellationToken ct)
    {
        await using var file = await UploadedFile.OpenAsync(request, UploadRules.Dataset, name, ct);
        var upload = await datasets.ImportAsync(file.Name, file.FileName, file.Content, ct);
        return TypedResults.Created($"{StudioApi.Path}/datasets/{upload.Dataset.Id}", new DatasetDetailDto(DatasetDto.Of(upload.Dataset), upload.Problems, upload.ProblemCount));
    }

    private static async Task<Ok<DatasetDetailDto>> GetAsync(string id, IDatasetService datasets, CancellationToken ct)
    {
        var record = await datasets.GetAsync(id, ct);
        return TypedResults.Ok(new DatasetDetailDto(DatasetDto.Of(record), await datasets.ProblemsAsync(id, ct), record.BadRows));
    }

    private static async Task<NoContent> DeleteAsync(string id, IDatasetService datasets, CancellationToken ct)
    {
        await datasets.DeleteAsync(id, ct);
        return TypedResults.NoContent();
    }
}
