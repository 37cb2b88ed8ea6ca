namespace Studio.Web.Monitoring;

/// <summary>Registers what the monitor needs beyond the engine.</summary>
public static class MonitoringExtensions
{
    /// <summary>Adds the sampler; after the engine, whose telemetry it reads.</summary>
    public static void AddStudioMonitoring(this WebApplicationBuilder builder) => builder.Services.AddHostedService<MonitorSampler>();
}
