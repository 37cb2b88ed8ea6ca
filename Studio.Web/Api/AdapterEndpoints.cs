using Microsoft.AspNetCore.Http.HttpResults;
using Studio.Core.Adapters.Methods;
using Studio.Core.Serving;

namespace Studio.Web.Api;

/// <summary><c>/api/adapters</c>: adapters.</summary>
public static class AdapterEndpoints
{
    private const long DefaultSeed = 42;

    /// <summary>Maps the group.</summary>
    public static void MapAdapters(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/adapters").WithTags("Adapters");
        group.MapGet("", ListAsync).WithName("ListAdapters").WithSummary("All adapters, newest first.");
        group.MapPost("", CreateAsync).WithName("CreateAdapter").WithSummary("Creates an untrained adapter; its start equals the base.");
        group.MapGet("/{id}", GetAsync).WithName("GetAdapter").WithSummary("One adapter.");
        group.MapPost("/{id}/duplicate", DuplicateAsync).WithName("DuplicateAdapter").WithSummary("Copies an adapter as it is now; the copy names it as its parent.")
            .WithMetadata(new RefusalStatus(StatusCodes.Status409Conflict));
        group.MapGet("/{id}/uses", UsesAsync).WithName("GetAdapterUses").WithSummary("What depends on an adapter: runs, adapters made from it, answers being written.");
        group.MapDelete("/{id}", DeleteAsync).WithName("DeleteAdapter").WithSummary("Deletes an adapter that is not in training, with its files.")
            .WithMetadata(new RefusalStatus(StatusCodes.Status409Conflict));
    }

    private static async Task<Ok<IReadOnlyList<AdapterDto>>> ListAsync(IAdapterService adapters, CancellationToken ct) =>
        TypedResults.Ok<IReadOnlyList<AdapterDto>>([.. (await adapters.ListAsync(ct)).Select(record => AdapterDto.Of(record, adapters.IsTraining(record.Id)))]);

    private static async Task<Ok<AdapterDto>> GetAsync(string id, IAdapterService adapters, CancellationToken ct) =>
        TypedResults.Ok(AdapterDto.Of(await adapters.GetAsync(id, ct), adapters.IsTraining(id)));

    private static async Task<Created<AdapterDto>> CreateAsync(JsonBody<CreateAdapterBody> body, IAdapterService adapters, IModelService models, CancellationToken ct)
    {
        string modelId = models.Chosen(body.Value.ModelId);
        string name = body.Value.Name ?? "";
        var settings = body.Value.Settings ?? new LoraSpec();
        var findings = new List<string>();
        if (string.IsNullOrWhiteSpace(name)) findings.Add("The name is empty; an adapter needs one.");
        if (RequestLimits.ProblemOf(name) is { } problem) findings.Add(problem);
        findings.AddRange(adapters.Check(settings, modelId));
        ApiException.ThrowIfAny(findings);
        var record = await adapters.CreateAsync(name, settings, modelId, body.Value.Seed ?? DefaultSeed, ct);
        return TypedResults.Created($"{StudioApi.Path}/adapters/{record.Id}", AdapterDto.Of(record, inTraining: false));
    }

    private static async Task<Created<AdapterDto>> DuplicateAsync(string id, JsonBody<DuplicateAdapterBody> body, IAdapterService adapters, CancellationToken ct)
    {
        string name = body.Value.Name ?? "";
        RequestLimits.RequireName(name);
        var record = await adapters.DuplicateAsync(id, name, ct);
        return TypedResults.Created($"{StudioApi.Path}/adapters/{record.Id}", AdapterDto.Of(record, inTraining: false));
    }

    private static async Task<Ok<AdapterUses>> UsesAsync(string id, IAdapterService adapters, CancellationToken ct) => TypedResults.Ok(await adapters.UsesAsync(id, ct));

    private static async Task<NoContent> DeleteAsync(string id, IAdapterService adapters, CancellationToken ct)
    {
        await adapters.DeleteAsync(id, ct);
        return TypedResults.NoContent();
    }
}
