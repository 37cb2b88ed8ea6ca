using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Studio.Web.Live;

/// <summary>Registers what live components need.</summary>
public static class LiveExtensions
{
    /// <summary>Adds the clock.</summary>
    public static void AddStudioLive(this WebApplicationBuilder builder) => builder.Services.TryAddSingleton(TimeProvider.System);
}
