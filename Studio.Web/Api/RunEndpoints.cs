using Microsoft.AspNetCore.Http.HttpResults;
using Studio.Core;
using Studio.Core.Runs;
using Studio.Core.Serving;

namespace Studio.Web.Api;

/// <summary><c>/api/runs</c>: fine-tunes. They belong to the engine: a caller that leaves changes nothing.</summary>
public static class RunEndpoints
{
    /// <summary>Maps the group.</summary>
    public static void MapRuns(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/runs").WithTags("Runs");
        group.MapGet("", List).WithName("ListRuns").WithSummary("All runs, newest first.");
        group.MapPost("", StartAsync).WithName("StartRun").WithSummary("Starts a run, or queues it.");
        group.MapPost("/forecast", ForecastAsync).WithName("ForecastRun").WithSummary("What a run would take, and whether there is room for it. Starts nothing.");
        group.MapGet("/{id}", Get).WithName("GetRun").WithSummary("One run: state, progress, latest figures, settings.");
        group.MapGet("/{id}/metrics", MetricsAsync).WithName("GetRunMetrics").WithSummary("Points of its series, all or those after a cursor.");
        var changes = group.MapGroup("/{id}").WithMetadata(new RefusalStatus(StatusCodes.Status409Conflict));
        changes.MapPost("/pause", PauseAsync).WithName("PauseRun")
            .WithSummary("Pauses at the next step boundary, or with now=true at once: the step in flight is then abandoned and repeated after the pause. Answers when it stands.");
        changes.MapPost("/resume", ResumeAsync).WithName("ResumeRun").WithSummary("Goes on after a pause.");
        changes.MapPost("/stop", StopAsync).WithName("StopRun").WithSummary("Ends a run at the next step boundary; its adapter stays.");
        changes.MapDelete("", DeleteAsync).WithName("DeleteRun").WithSummary("Deletes a run that has ended; its adapter stays.");
    }

    private static Ok<IReadOnlyList<RunDto>> List(IRunService runs, StudioTelemetry telemetry) =>
        TypedResults.Ok<IReadOnlyList<RunDto>>([.. runs.Runs.Select(run => RunDto.Of(run, telemetry.Metrics))]);

    private static Ok<RunDto> Get(string id, IRunService runs, StudioTelemetry telemetry) => TypedResults.Ok(Existing(id, runs, telemetry));

    private static async Task<Created<RunDto>> StartAsync(JsonBody<StartRunBody> body, IRunService runs, IModelService models, StudioTelemetry telemetry, CancellationToken ct)
    {
        var run = await runs.StartAsync(RequestOf(body.Value, models), ct);
        return TypedResults.Created($"{StudioApi.Path}/runs/{run.Record.Id}", RunDto.Of(run, telemetry.Metrics));
    }

    private static async Task<Ok<RunForecastDto>> ForecastAsync(JsonBody<StartRunBody> body, IRunService runs, IModelService models, CancellationToken ct) =>
        TypedResults.Ok(RunForecastDto.Of(await runs.ForecastAsync(RequestOf(body.Value, models), ct)));

    private static RunRequest RequestOf(StartRunBody body, IModelService models) => string.IsNullOrEmpty(body.DatasetId)
        ? throw new ApiException(StatusCodes.Status400BadRequest, $"$: missing 'datasetId'; expected the id of a data set of {StudioApi.Path}/datasets.")
        : body.ToRequest(models.Chosen(body.ModelId));

    private static async Task<Ok<RunPoints>> MetricsAsync(string id, string[]? series, string? after, IRunService runs, StudioTelemetry telemetry)
    {
        Existing(id, runs, telemetry);
        var reader = SeriesReader.Of(telemetry.Metrics, id, series ?? [], after);
        await runs.RestoreTelemetryAsync(id);
        return TypedResults.Ok(reader.Read());
    }

    private static Task<Ok<RunDto>> PauseAsync(string id, bool? now, IRunService runs, StudioTelemetry telemetry, CancellationToken ct) =>
        AfterAsync(now == true ? runs.PauseNowAsync(id, ct) : runs.PauseAsync(id, ct), id, runs, telemetry);

    private static Task<Ok<RunDto>> ResumeAsync(string id, IRunService runs, StudioTelemetry telemetry, CancellationToken ct) =>
        AfterAsync(runs.ResumeAsync(id, ct), id, runs, telemetry);

    private static Task<Ok<RunDto>> StopAsync(string id, IRunService runs, StudioTelemetry telemetry, CancellationToken ct) =>
        AfterAsync(runs.StopAsync(id, ct), id, runs, telemetry);

    private static async Task<NoContent> DeleteAsync(string id, IRunService runs, CancellationToken ct)
    {
        await runs.DeleteAsync(id, ct);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<RunDto>> AfterAsync(Task change, string id, IRunService runs, StudioTelemetry telemetry)
    {
        await change;
        return TypedResults.Ok(Existing(id, runs, telemetry));
    }

    private static RunDto Existing(string id, IRunService runs, StudioTelemetry telemetry) =>
        RunDto.Of(runs.Find(id) ?? throw new NotFoundException("run", id), telemetry.Metrics);
}
