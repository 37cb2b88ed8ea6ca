using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Studio.Core;
using Studio.Core.Storage;

namespace Studio.Web.Api;

/// <summary>Status that an endpoint answers when a service refuses; without it 400.</summary>
/// <param name="Status">HTTP status.</param>
public sealed record RefusalStatus(int Status);

/// <summary>
/// Answers every failure of the API as RFC 9457 problem details, with all findings in <c>errors</c>. What is our own defect is logged and
/// answered without its inside.
/// </summary>
public sealed class ApiErrors(RequestDelegate next, ILogger<ApiErrors> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        // Messages are read by programs and in logs of other machines: not in the culture of the caller.
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            var problem = ProblemOf(exception, context);
            if (problem.Status >= StatusCodes.Status500InternalServerError)
                log.LogError(exception, "{Method} {Path} failed.", context.Request.Method, context.Request.Path);
            context.Response.Clear();
            await TypedResults.Problem(problem).ExecuteAsync(context);
            return;
        }
        if (!context.Response.HasStarted && context.Response is { StatusCode: >= StatusCodes.Status400BadRequest, ContentType: null })
            await TypedResults.Problem(ProblemOf(context)).ExecuteAsync(context);
    }

    private static ProblemDetails ProblemOf(Exception exception, HttpContext context) => exception switch
    {
        ApiException refusal => Problem(refusal.Status, refusal.Message, refusal.Errors),
        NotFoundException => Problem(StatusCodes.Status404NotFound, exception.Message),
        BadHttpRequestException request => Problem(request.StatusCode, request.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge(context) : request.Message),
        StudioException { InnerException: BadHttpRequestException inner } => ProblemOf(inner, context),
        StudioException refusal => Problem(
            context.GetEndpoint()?.Metadata.GetMetadata<RefusalStatus>()?.Status ?? StatusCodes.Status400BadRequest, refusal.Message, refusal.Details),
        StorageException => Problem(StatusCodes.Status500InternalServerError, exception.Message),
        _ => Problem(StatusCodes.Status500InternalServerError, $"The studio failed; its log says how, under the trace id {context.TraceIdentifier}."),
    };

    private static ProblemDetails ProblemOf(HttpContext context) => Problem(context.Response.StatusCode, context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => $"There is nothing at {context.Request.Path}.",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Method} is not possible at {context.Request.Path}; possible: {context.Response.Headers.Allow}.",
        _ => "The request was refused.",
    });

    private static string TooLarge(HttpContext context) =>
        $"The body is too large; {context.Request.Path} takes at most {context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize} bytes.";

    private static ProblemDetails Problem(int status, string detail, IReadOnlyList<string>? errors = null) => new()
    {
        Status = status,
        Detail = detail,
        Extensions = { ["errors"] = errors is { Count: > 0 } ? errors : [detail] },
    };
}
