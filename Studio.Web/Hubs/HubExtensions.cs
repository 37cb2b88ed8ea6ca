using Studio.Web.Api;

namespace Studio.Web.Hubs;

/// <summary>Adds the hubs for programs; the pages' own circuit is another one.</summary>
public static class HubExtensions
{
    // What clients send are ids and cursors.
    private const int MessageBytes = 16 << 10;

    /// <summary>Registers the telemetry hub and what feeds it.</summary>
    public static void AddStudioHubs(this WebApplicationBuilder builder)
    {
        builder.Services.AddSignalR()
            .AddHubOptions<TelemetryHub>(options => options.MaximumReceiveMessageSize = MessageBytes)
            .AddJsonProtocol(options => ApiJson.Configure(options.PayloadSerializerOptions));
        builder.Services.AddSingleton<TelemetryBroadcaster>();
        builder.Services.AddHostedService(services => services.GetRequiredService<TelemetryBroadcaster>());
    }

    /// <summary>Maps the telemetry hub.</summary>
    public static WebApplication MapStudioHubs(this WebApplication app)
    {
        app.MapHub<TelemetryHub>(TelemetryHub.Path);
        return app;
    }
}
