using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Studio.Core.Serving;

/// <summary>Starts and ends the engine with the process that hosts it.</summary>
public sealed class StudioEngineHost(IOptions<StudioEngineOptions> options, ILoggerFactory logs) : IHostedService
{
    private StudioEngine? _engine;

    /// <summary>The engine; there is one between start and stop.</summary>
    public StudioEngine Engine => _engine ?? throw new InvalidOperationException("The engine is not running.");

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken) =>
        _engine = await StudioEngine.StartAsync(options.Value, logs, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _engine, null) is { } engine) await engine.DisposeAsync().ConfigureAwait(false);
    }
}

/// <summary>Registers the engine.</summary>
public static class StudioEngineServices
{
    /// <summary>Adds the engine, started with the host, and each of its services by interface.</summary>
    public static IServiceCollection AddStudioEngine(this IServiceCollection services, Action<StudioEngineOptions, IServiceProvider> configure)
    {
        services.AddOptions<StudioEngineOptions>().Configure<IServiceProvider>((options, provider) => configure(options, provider));
        services.AddSingleton<StudioEngineHost>();
        services.AddHostedService(provider => provider.GetRequiredService<StudioEngineHost>());
        Expose(engine => engine.Models);
        Expose(engine => engine.Downloads);
        Expose(engine => engine.Datasets);
        Expose(engine => engine.Adapters);
        Expose(engine => engine.Runs);
        Expose(engine => engine.Chat);
        Expose(engine => engine.Telemetry);
        return services;

        // Resolved after the start and for the life of the process. The container disposes them after the engine has: closing twice does nothing.
        void Expose<T>(Func<StudioEngine, T> select) where T : class =>
            services.AddSingleton(provider => select(provider.GetRequiredService<StudioEngineHost>().Engine));
    }
}
