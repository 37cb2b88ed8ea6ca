using Microsoft.Extensions.Options;
using Studio.Core.Serving;

namespace Studio.Web.Hosting;

/// <summary>Hosts the engine in the web process.</summary>
public static class EngineExtensions
{
    /// <summary>Registers the engine with the data directory of <see cref="StudioWebOptions"/> and what ships beside the program.</summary>
    public static void AddStudioEngine(this WebApplicationBuilder builder) =>
        builder.Services.AddStudioEngine((options, services) =>
        {
            var web = services.GetRequiredService<IOptions<StudioWebOptions>>().Value;
            options.DataDirectory = web.DataDirectory;
            options.MemoryBudget = web.MemoryBudget;
            options.Device = web.Device;
            options.ClientDevice = web.ClientDevice;
            options.PrefixCacheBytes = (long)web.PrefixCacheMebibytes << 20;
            options.Int8Decode = web.Int8Decode;
            options.ParkIdleState = web.ParkIdleState;
            options.StarterModel = Path.Combine(AppContext.BaseDirectory, "models", "starter");
            options.SampleDatasets = Path.Combine(AppContext.BaseDirectory, "wwwroot-assets", "datasets");
        });
}
