using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Studio.Core.Serving;

namespace Studio.Web.Api;

/// <summary>Takes adapters in that the PEFT library or another studio saved.</summary>
public static class AdapterImportEndpoint
{
    /// <summary>Maps <c>POST /adapters/import</c> and <c>POST /adapters/import/folder</c>; failures are answered by <see cref="ApiErrors"/>.</summary>
    public static void MapAdapterImport(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/adapters/import").WithTags("Adapters");
        group.MapPost("", UploadAsync).WithName("ImportAdapter").WithSummary("Imports a zip of an adapter's folder: multipart, or the zip itself as the body.")
            .WithMetadata(new AcceptsForm(), new RequestSizeLimitAttribute(RequestLimits.AdapterBytes));
        group.MapPost("/folder", FolderAsync).WithName("ImportAdapterFolder").WithSummary("Imports an adapter's folder of the studio's machine.");
    }

    private static async Task<Created<AdapterDto>> UploadAsync(HttpRequest request, IAdapterService adapters, IModelService models, string? name, string? modelId, CancellationToken ct)
    {
        await using var file = await UploadedFile.OpenAsync(request, UploadRules.Adapter, name, ct);
        return await ImportAsync(AdapterPackage.Zip(file.FileName, file.Content), file.Name, file.Fields.GetValueOrDefault("modelId") ?? modelId, adapters, models, ct);
    }

    private static Task<Created<AdapterDto>> FolderAsync(JsonBody<ImportFolderBody> body, IAdapterService adapters, IModelService models, CancellationToken ct) =>
        ImportAsync(AdapterPackage.Folder(body.Value.Folder ?? ""), body.Value.Name ?? "", body.Value.ModelId, adapters, models, ct);

    private static async Task<Created<AdapterDto>> ImportAsync(AdapterPackage package, string name, string? modelId, IAdapterService adapters, IModelService models, CancellationToken ct)
    {
        RequestLimits.RequireName(name);
        using var staged = await adapters.StageAsync(package, ct);
        var record = await adapters.ImportAsync(staged, name, ModelFor(staged, modelId, models), ct);
        return TypedResults.Created($"{StudioApi.Path}/adapters/{record.Id}", AdapterDto.Of(record, inTraining: false));
    }

    // Shapes that fit prove little: which of several models is meant must be said, or follow from the name.
    private static string ModelFor(StagedAdapter staged, string? modelId, IModelService models) =>
        !string.IsNullOrEmpty(modelId) ? modelId
        : staged.BaseAmong(models.Loaded) is { } named ? named.Record.Id
        : models.Loaded is { Count: <= 1 } ? models.Chosen(null)
        : throw new ApiException(StatusCodes.Status400BadRequest,
            $"'{staged.Name}' says its base model is '{staged.BaseModel}', and no loaded model has this name; name one as modelId: {string.Join(", ", models.Loaded.Select(model => $"{model.Record.Id} ({model.Record.Name})"))}.");
}

/// <summary>Body of a request to import a folder of the studio's machine.</summary>
/// <param name="Folder">Its absolute path.</param>
/// <param name="Name">Name for people; absent = the folder's.</param>
/// <param name="ModelId">A loaded base model; absent = the one whose name matches, or the only one.</param>
public sealed record ImportFolderBody(string? Folder = null, string? Name = null, string? ModelId = null);
