using Microsoft.AspNetCore.Http.HttpResults;
using Studio.Core.Adapters.Composition;
using Studio.Core.Clients;
using Studio.Core.Serving;

namespace Studio.Web.Api;

/// <summary>Makes adapters of adapters, and models of adapters. Both answers say how far what was written lies from what it was made of.</summary>
public static class AdapterCompositionEndpoints
{
    /// <summary>Maps <c>POST /adapters/combine</c> and <c>POST /adapters/{id}/merge</c>; failures are answered by <see cref="ApiErrors"/>.</summary>
    public static void MapAdapterComposition(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/adapters").WithTags("Adapters");
        group.MapPost("/combine", CombineAsync).WithName("CombineAdapters").WithSummary("Makes one LoRA adapter of several adapters of one base model.");
        group.MapPost("/{id}/merge", MergeAsync).WithName("MergeAdapter").WithSummary("Writes the base model with the adapter merged into its weights as a model of the studio.")
            .WithMetadata(new RefusalStatus(StatusCodes.Status409Conflict));
    }

    private static async Task<Created<CombinedDto>> CombineAsync(JsonBody<CombineBody> body, IAdapterService adapters, CancellationToken ct)
    {
        var value = body.Value;
        var findings = new List<string>();
        if (string.IsNullOrWhiteSpace(value.Name)) findings.Add("The name is empty; an adapter needs one.");
        if (RequestLimits.ProblemOf(value.Name) is { } problem) findings.Add(problem);
        if (value.Adapters is null || value.Adapters.Any(part => part is null)) findings.Add("$.adapters: missing or holds null; expected a list of adapterId and weight.");
        ApiException.ThrowIfAny(findings);
        var combined = await adapters.CombineAsync(new CombineAdapters
        {
            Name = value.Name!,
            Members = value.Adapters!,
            Kind = value.Kind,
            Rank = value.Rank,
            Density = value.Density,
            Signs = value.Signs,
            Seed = value.Seed,
        }, ct);
        return TypedResults.Created($"{StudioApi.Path}/adapters/{combined.Adapter.Id}", new CombinedDto(AdapterDto.Of(combined.Adapter, inTraining: false), combined.Difference));
    }

    private static async Task<Created<MergedDto>> MergeAsync(string id, JsonBody<MergeBody> body, IAdapterService adapters, CancellationToken ct)
    {
        string name = body.Value.Name ?? "";
        RequestLimits.RequireName(name);
        var merged = await adapters.MergeAsync(id, name, ct: ct);
        return TypedResults.Created($"{StudioApi.Path}/models/{merged.Model.Id}", new MergedDto(merged.Model.Id, merged.Model.Name, merged.Model.Folder, merged.Model.Bytes, merged.Difference));
    }
}

/// <summary>Body of a request to combine adapters.</summary>
public sealed record CombineBody
{
    /// <summary>Name of the result.</summary>
    public string? Name { get; init; }

    /// <summary>The adapters and their weights.</summary>
    public IReadOnlyList<ChatBlendPart>? Adapters { get; init; }

    /// <summary>How.</summary>
    public CombinationKind Kind { get; init; }

    /// <summary>Rank of the result for the kinds over singular values; absent = the largest of the members'.</summary>
    public int? Rank { get; init; }

    /// <summary>Part of the values that TIES, DARE and pruning keep.</summary>
    public double Density { get; init; } = 0.5;

    /// <summary>How TIES elects signs.</summary>
    public SignElection Signs { get; init; }

    /// <summary>Seed of what DARE drops.</summary>
    public long Seed { get; init; } = 42;
}

/// <summary>Body of a request to merge an adapter into its base.</summary>
/// <param name="Name">Name of the model; absent = made from both names.</param>
public sealed record MergeBody(string? Name = null);

/// <summary>A combination.</summary>
/// <param name="Adapter">The adapter.</param>
/// <param name="Difference">Between its answers and the blend of the members.</param>
public sealed record CombinedDto(AdapterDto Adapter, OutputDifference Difference);

/// <summary>A merged model; it is not loaded.</summary>
/// <param name="ModelId">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Folder">Where it lies, in Hugging Face layout.</param>
/// <param name="Bytes">Size of its weights.</param>
/// <param name="Difference">Between its answers and those of base and adapter.</param>
public sealed record MergedDto(string ModelId, string Name, string Folder, long Bytes, OutputDifference Difference);
