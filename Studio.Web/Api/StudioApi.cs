namespace Studio.Web.Api;

/// <summary>The HTTP API under <c>/api</c>: the same services as the pages, as JSON. See docs/api.md.</summary>
public static class StudioApi
{
    /// <summary>Where it lies.</summary>
    public const string Path = "/api";

    /// <summary>Registers how the API reads and writes JSON.</summary>
    public static void AddStudioApi(this WebApplicationBuilder builder) =>
        builder.Services.ConfigureHttpJsonOptions(options => ApiJson.Configure(options.SerializerOptions));

    /// <summary>Turns every failure below <see cref="Path"/> into problem details. Comes after everything that decides how a page looks.</summary>
    public static WebApplication UseStudioApi(this WebApplication app)
    {
        app.UseWhen(context => context.Request.Path.StartsWithSegments(Path, StringComparison.Ordinal), api => api.UseMiddleware<ApiErrors>());
        return app;
    }

    /// <summary>Maps all endpoints.</summary>
    public static WebApplication MapStudioApi(this WebApplication app)
    {
        var api = app.MapGroup(Path).AddEndpointFilter<FormRefusal>();
        api.MapModels();
        api.MapDownloads();
        api.MapDatasets();
        api.MapRuns();
        api.MapAdapters();
        api.MapAdapterExport();
        api.MapAdapterImport();
        api.MapAdapterComposition();
        api.MapChat();
        api.MapMonitor();
        return app;
    }
}
