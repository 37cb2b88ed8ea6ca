using Studio.Core.Runs;
using Studio.Core.Serving;

namespace Studio.Web.Monitoring;

/// <summary>
/// Measures memory and throughput from the start of the process to its end, into the bounded metric store: a monitor that is opened later
/// shows what was before. Runs after the engine has started and stops before it ends.
/// </summary>
public sealed class MonitorSampler(IServiceProvider services, TimeProvider clock, ILogger<MonitorSampler> log) : BackgroundService
{
    /// <summary>Time between two measurements.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Asked for here: while services are built, there is no engine yet.
        var telemetry = services.GetRequiredService<StudioTelemetry>();
        var runs = services.GetRequiredService<IRunService>();
        var (memory, owners, throughput) = (new MemoryHistory(telemetry.Metrics), new OwnerHistory(telemetry.Metrics), new ThroughputHistory(telemetry.Metrics));
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            do
            {
                var now = clock.GetUtcNow();
                var (held, all) = (telemetry.ReadMemory(), runs.Runs);
                memory.Add(held, now);
                owners.Add(held.Owners, all, now);
                throughput.Add(all, telemetry.ReadExecutors().Sum(view => view.ChatTokensPerSecond), now);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The studio ends.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A curve less is no reason to end the studio, which is what an error of a background service does.
            log.LogWarning(exception, "Memory can no longer be read; the curves on the monitor end here.");
        }
    }
}
