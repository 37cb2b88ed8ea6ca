using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Localization;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

namespace Studio.Web.Hosting;

/// <summary>Serves the studio's own files and the pages for what is missing or broken.</summary>
public static class AssetExtensions
{
    /// <summary>Serves <c>wwwroot-assets</c> beside the program. Browsers ask again each time, so an update shows at once.</summary>
    public static WebApplication UseStudioAssets(this WebApplication app)
    {
        var types = new FileExtensionContentTypeProvider();
        types.Mappings[".jsonl"] = "application/x-ndjson";
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = new PhysicalFileProvider(Path.Combine(AppContext.BaseDirectory, "wwwroot-assets")),
            ContentTypeProvider = types,
            OnPrepareResponse = context => context.Context.Response.Headers.CacheControl = "no-cache",
        });
        return app;
    }

    /// <summary>A missing page answers 404 and a failed one 500, each as a page; machine-read paths keep the bare status.</summary>
    public static WebApplication UseStudioErrorPages(this WebApplication app)
    {
        if (!app.Environment.IsDevelopment())
            app.UseExceptionHandler("/error", createScopeForErrors: true);
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.Use((context, next) =>
        {
            if (!IsPageRequest(context) && context.Features.Get<IStatusCodePagesFeature>() is { } statusPages)
                statusPages.Enabled = false;
            return next(context);
        });
        return app;
    }

    /// <summary>Numbers and dates on screen follow the browser's language; the words are English.</summary>
    public static WebApplication UseStudioLocalization(this WebApplication app)
    {
        var cultures = CultureInfo.GetCultures(CultureTypes.SpecificCultures | CultureTypes.NeutralCultures);
        app.UseRequestLocalization(new RequestLocalizationOptions
        {
            DefaultRequestCulture = new RequestCulture("en-US"),
            SupportedCultures = cultures,
            SupportedUICultures = [CultureInfo.GetCultureInfo("en")],
            RequestCultureProviders = [new AcceptLanguageHeaderRequestCultureProvider()],
        });
        return app;
    }

    private static bool IsPageRequest(HttpContext context)
    {
        string[] machineRead = ["/api", "/hubs", "/_blazor", "/_framework", "/_content"];
        return HttpMethods.IsGet(context.Request.Method)
            && !machineRead.Any(prefix => context.Request.Path.StartsWithSegments(prefix, StringComparison.Ordinal));
    }
}
