using Studio.Core.Serving;

namespace Studio.Web.Api;

/// <summary><c>/api/monitor</c>: what the shared bases do and who holds which memory, for programs that watch.</summary>
public static class MonitorEndpoints
{
    /// <summary>Maps the group.</summary>
    public static void MapMonitor(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/monitor").WithTags("Monitor");
        group.MapGet("/executors", (StudioTelemetry telemetry) => TypedResults.Ok<IReadOnlyList<ExecutorDto>>([.. telemetry.ReadExecutors().Select(ExecutorDto.Of)]))
            .WithName("ListExecutors").WithSummary("Counters of every loaded base model since it was loaded; the difference of two answers gives rates.");
        group.MapGet("/memory", (StudioTelemetry telemetry) => TypedResults.Ok(MemoryDto.Of(telemetry.ReadMemory())))
            .WithName("GetMemory").WithSummary("Memory as measured of the process, and as its owners account for it.");
    }
}
