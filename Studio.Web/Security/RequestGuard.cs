namespace Studio.Web.Security;

/// <summary>Applies <see cref="RequestRules"/> to every request: pages, assets, API, circuit and hubs alike.</summary>
public sealed class RequestGuard(RequestDelegate next, ILogger<RequestGuard> logger)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (RequestRules.Check(context.Request, context.Connection.LocalPort) is not { } refusal)
            return next(context);
        logger.LogWarning("Refused {Method} {Path}: {Reason}", context.Request.Method, context.Request.Path, refusal.Reason);
        context.Response.StatusCode = refusal.StatusCode;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(refusal.Reason, context.RequestAborted);
    }
}
