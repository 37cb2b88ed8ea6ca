using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;

namespace Studio.Web.Hosting;

/// <summary>Registers what the process needs before it serves anything: addresses, options, start-up.</summary>
public static class HostingExtensions
{
    /// <summary>Decides where to listen and announces it once the server runs.</summary>
    /// <exception cref="StartupException">See <see cref="ListenAddresses.From(IConfiguration)"/>.</exception>
    public static void AddStudioAddresses(this WebApplicationBuilder builder)
    {
        var addresses = ListenAddresses.From(builder.Configuration);
        builder.WebHost.UseUrls([.. addresses.Urls]);
        builder.Services.AddSingleton(addresses);
        builder.Services.AddSingleton(Console.Out);
        builder.Services.AddHostedService<StartupAnnouncement>();
    }

    /// <summary>Binds and validates <see cref="StudioWebOptions"/>; keys that protect forms live in the data directory.</summary>
    public static void AddStudioOptions(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<StudioWebOptions>().BindConfiguration(StudioWebOptions.Section).ValidateOnStart();
        services.AddSingleton<IPostConfigureOptions<StudioWebOptions>, StudioWebOptionsPaths>();
        services.AddSingleton<IValidateOptions<StudioWebOptions>, StudioWebOptionsValidator>();
        services.AddDataProtection().SetApplicationName("SymbiosisStudio");
        services.AddOptions<KeyManagementOptions>().Configure<IOptions<StudioWebOptions>, ILoggerFactory>((keys, options, logs) =>
            keys.XmlRepository = new FileSystemXmlRepository(Directory.CreateDirectory(Path.Combine(options.Value.DataDirectory, "keys")), logs));
    }
}
