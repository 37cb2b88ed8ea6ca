using Studio.Web.Api;
using Studio.Web.Components;
using Studio.Web.Hubs;
using Studio.Web.Live;
using Studio.Web.Monitoring;
using Studio.Web.Playground;
using Studio.Web.Security;
using Studio.Web.Theme;

namespace Studio.Web.Hosting;

/// <summary>Builds the whole web application, so that tests run the same one that <c>Program</c> runs.</summary>
public static class StudioWebHost
{
    /// <summary>Composes services, middleware and endpoints; nothing listens until the result is started.</summary>
    /// <param name="args">Command line: <c>--urls</c>, <c>--no-browser</c> and any <c>--Section:Key value</c>.</param>
    /// <param name="configure">Further services, applied last; tests replace parts with it.</param>
    /// <exception cref="StartupException">A listen address is not a loopback address, or is malformed.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = StudioCommandLine.ToConfiguration(args),
            ApplicationName = typeof(StudioWebHost).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        // Outside Development the package assets of a build output are served only when asked for.
        builder.WebHost.UseStaticWebAssets();

        builder.AddStudioAddresses();
        builder.AddStudioOptions();
        builder.AddStudioEngine();
        builder.AddStudioMonitoring();
        builder.AddStudioPlayground();
        builder.AddStudioTheme();
        builder.AddStudioLive();
        builder.AddStudioComponents();
        builder.AddStudioApi();
        builder.AddStudioHubs();
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseRequestGuard();
        app.UseSecurityHeaders();
        app.UseStudioErrorPages();
        app.UseStudioAssets();
        app.UseStudioLocalization();
        app.UseStudioApi();
        app.UseAntiforgery();
        app.MapStaticAssets();
        app.MapStudioComponents();
        app.MapStudioApi();
        app.MapStudioHubs();
        return app;
    }
}
