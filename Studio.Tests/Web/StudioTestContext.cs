using Bunit;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using Studio.Web.Theme;

namespace Studio.Tests.Web;

/// <summary>Base of component tests: the services that pages have, with a browser that answers everything.</summary>
public abstract class StudioTestContext : BunitContext
{
    /// <summary>Calls into JavaScript modules, of whichever component.</summary>
    protected BunitJSModuleInterop Modules { get; }

    protected StudioTestContext()
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Modules = JSInterop.SetupModule(_ => true);
        Modules.Mode = JSRuntimeMode.Loose;
        Services.AddMudServices(options => options.PopoverOptions.CheckForPopoverProvider = false);
        Services.AddScoped<ThemeState>();
        Services.AddSingleton<SeriesColors>();
    }
}
