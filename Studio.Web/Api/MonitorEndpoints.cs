using Microsoft.AspNetCore.Http.HttpResults;
using Studio.Core;
using Studio.Core.Execution;
using Studio.Core.Serving;

namespace Studio.Web.Api;

/// <summary><c>/api/monitor</c>: what the shared bases do and who holds which memory, for programs that watch.</summary>
public static class MonitorEndpoints
{
    /// <summary>Maps the group, and the choice of a model's batching policy.</summary>
    public static void MapMonitor(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/monitor").WithTags("Monitor");
        group.MapGet("/executors", (StudioTelemetry telemetry) => TypedResults.Ok<IReadOnlyList<ExecutorDto>>([.. telemetry.ReadExecutors().Select(ExecutorDto.Of)]))
            .WithName("ListExecutors").WithSummary("Counters of every loaded base model since it was loaded; the difference of two answers gives rates.");
        group.MapGet("/memory", (StudioTelemetry telemetry) => TypedResults.Ok(MemoryDto.Of(telemetry.ReadMemory())))
            .WithName("GetMemory").WithSummary("Memory as measured of the process, and as its owners account for it.");
        api.MapPost("/models/{id}/policy", SetPolicyAsync).WithTags("Models").WithName("SetModelPolicy").WithSummary("Chooses what happens when several clients want the same layer.");
    }

    private static async Task<Ok<ExecutorDto>> SetPolicyAsync(string id, JsonBody<PolicyBody> body, IModelService models, StudioTelemetry telemetry, CancellationToken ct)
    {
        if (body.Value.Policy is not { } policy)
            throw new ApiException(StatusCodes.Status400BadRequest, "$: missing 'policy'; expected none, opportunistic or lockstep.");
        await models.SetPolicyAsync(id, policy, ct);
        return TypedResults.Ok(ExecutorDto.Of(telemetry.ReadExecutors().FirstOrDefault(view => view.ModelId == id) ?? throw new NotFoundException("loaded model", id)));
    }
}

/// <summary>Body of a request to choose a batching policy.</summary>
/// <param name="Policy">none, opportunistic or lockstep.</param>
public sealed record PolicyBody(BatchingPolicy? Policy = null);
