namespace Studio.Web.Security;

/// <summary>Adds the protection of a server without authentication to the pipeline.</summary>
public static class SecurityExtensions
{
    /// <summary>Refuses requests that other hosts' names or other sites' pages caused. Comes before everything else.</summary>
    public static WebApplication UseRequestGuard(this WebApplication app)
    {
        app.UseMiddleware<RequestGuard>();
        return app;
    }

    /// <summary>Writes <see cref="SecurityHeaders"/> on every response.</summary>
    public static WebApplication UseSecurityHeaders(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            // An error page clears the response: set the headers when it starts.
            context.Response.OnStarting(() =>
            {
                SecurityHeaders.Write(context.Response.Headers);
                return Task.CompletedTask;
            });
            return next(context);
        });
        return app;
    }
}
