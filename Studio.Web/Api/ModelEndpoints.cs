using Microsoft.AspNetCore.Http.HttpResults;
using Studio.Core;
using Studio.Core.Serving;

namespace Studio.Web.Api;

/// <summary><c>/api/models</c>: base models in memory, on their way there, and known ones.</summary>
public static class ModelEndpoints
{
    /// <summary>Maps the group.</summary>
    public static void MapModels(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/models").WithTags("Models");
        group.MapGet("", List).WithName("ListModels").WithSummary("The loaded base models; the first is the default.");
        group.MapPost("", LoadAsync).WithName("LoadModel").WithSummary("Loads a model folder in Hugging Face layout; the same weights are loaded once.");
        group.MapGet("/loading", (IModelService models) => TypedResults.Ok(models.Loading)).WithName("ListLoadingModels").WithSummary("Models on their way into memory, with their progress from 0 to 1.");
        group.MapDelete("/loading/{id}", CancelLoading).WithName("CancelLoadingModel").WithSummary("Gives up a load; whoever waits for it is refused.");
        group.MapGet("/known", KnownAsync).WithName("ListKnownModels").WithSummary("All models that the studio knows, loaded or not.");
        group.MapGet("/{id}/details", DetailsAsync).WithName("GetModelDetails").WithSummary("Architecture, license, templates and files of a known model.");
        group.MapPost("/{id}/load", LoadKnownAsync).WithName("LoadKnownModel").WithSummary("Loads a known model.");
        group.MapPost("/{id}/policy", SetPolicyAsync).WithName("SetModelPolicy").WithSummary("Chooses what happens when several clients want the same layer; answers the executor.");
        group.MapGet("/{id}", Get).WithName("GetModel").WithSummary("One loaded base model.");
        group.MapDelete("/{id}", UnloadAsync).WithName("UnloadModel").WithSummary("Unloads a base model that nothing uses; its files stay.")
            .WithMetadata(new RefusalStatus(StatusCodes.Status409Conflict));
    }

    /// <summary>The model that a request means: the one it names, else the default.</summary>
    /// <exception cref="ApiException">It names none and none is loaded.</exception>
    public static string Chosen(this IModelService models, string? modelId)
    {
        ArgumentNullException.ThrowIfNull(models);
        return modelId ?? (models.Loaded is [var first, ..] ? first.Record.Id : null)
            ?? throw new ApiException(StatusCodes.Status400BadRequest, $"No base model is loaded. Load one with POST {StudioApi.Path}/models.");
    }

    private static Ok<IReadOnlyList<ModelDto>> List(IModelService models) =>
        TypedResults.Ok<IReadOnlyList<ModelDto>>([.. models.Loaded.Select(model => ModelDto.Of(model, models))]);

    private static Ok<ModelDto> Get(string id, IModelService models) => TypedResults.Ok(Loaded(id, models));

    private static async Task<Results<Created<ModelDto>, Ok<ModelDto>>> LoadAsync(JsonBody<LoadModelBody> body, IModelService models, CancellationToken ct)
    {
        string folder = body.Value.Folder ?? "";
        if (!Path.IsPathFullyQualified(folder))
            throw new ApiException(StatusCodes.Status400BadRequest, $"The folder is '{folder}'; expected the absolute path of a model folder on the studio's machine.");
        var before = models.Loaded.Select(model => model.Record.Id).ToHashSet(StringComparer.Ordinal);
        var record = await models.LoadAsync(folder, body.Value.ComputeType ?? "auto", ct);
        var model = Loaded(record.Id, models);
        return before.Contains(record.Id) ? TypedResults.Ok(model) : TypedResults.Created($"{StudioApi.Path}/models/{record.Id}", model);
    }

    private static async Task<Ok<IReadOnlyList<KnownModel>>> KnownAsync(IModelService models, CancellationToken ct) => TypedResults.Ok(await models.ListAsync(ct));

    private static async Task<Ok<ModelDetails>> DetailsAsync(string id, IModelService models, CancellationToken ct) => TypedResults.Ok(await models.DetailsAsync(id, ct));

    private static async Task<Ok<ModelDto>> LoadKnownAsync(string id, JsonBody<LoadKnownBody> body, IModelService models, CancellationToken ct)
    {
        await models.LoadKnownAsync(id, body.Value.ComputeType, ct);
        return TypedResults.Ok(Loaded(id, models));
    }

    private static async Task<Ok<ExecutorDto>> SetPolicyAsync(string id, JsonBody<PolicyBody> body, IModelService models, StudioTelemetry telemetry, CancellationToken ct)
    {
        if (body.Value.Policy is not { } policy)
            throw new ApiException(StatusCodes.Status400BadRequest, "$: missing 'policy'; expected none, opportunistic or lockstep.");
        await models.SetPolicyAsync(id, policy, ct);
        return TypedResults.Ok(ExecutorDto.Of(telemetry.ReadExecutors().FirstOrDefault(view => view.ModelId == id) ?? throw new NotFoundException("loaded model", id)));
    }

    private static NoContent CancelLoading(string id, IModelService models)
    {
        models.CancelLoading(id);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> UnloadAsync(string id, IModelService models, CancellationToken ct)
    {
        await models.UnloadAsync(id, ct);
        return TypedResults.NoContent();
    }

    private static ModelDto Loaded(string id, IModelService models) =>
        ModelDto.Of(models.Loaded.FirstOrDefault(model => model.Record.Id == id) ?? throw new NotFoundException("loaded model", id), models);
}
