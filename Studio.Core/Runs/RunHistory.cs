using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Studio.Core.Telemetry;

namespace Studio.Core.Runs;

/// <summary>Brings series and log lines of runs of earlier sessions back into the live stores, each once and when it is first wanted.</summary>
internal sealed class RunHistory(RunServices services)
{
    private readonly ConcurrentDictionary<string, Lazy<Task>> _restored = new(StringComparer.Ordinal);

    /// <summary>Names a run whose telemetry is on disk only.</summary>
    public void Register(string runId) => _restored[runId] = new Lazy<Task>(() => Task.Run(() => RestoreAsync(runId)));

    /// <summary>Begins to load a run's telemetry, if it is on disk only and nobody has yet.</summary>
    public void Want(string runId) => _ = WantAsync(runId);

    /// <summary>Loads a run's telemetry; completes when it is there.</summary>
    public Task WantAsync(string runId) => _restored.TryGetValue(runId, out var restored) ? restored.Value : Task.CompletedTask;

    /// <summary>Drops a deleted run's telemetry.</summary>
    public async Task ForgetAsync(string runId)
    {
        if (_restored.TryRemove(runId, out var restored) && restored.IsValueCreated) await restored.Value.ConfigureAwait(false);
        services.Metrics.Remove(runId);
        services.Log.Remove(runId);
    }

    [SuppressMessage("Design", "CA1031", Justification = "Nobody awaits it for its outcome: old telemetry that cannot be read is logged, and the run is shown without.")]
    private async Task RestoreAsync(string runId)
    {
        try
        {
            foreach (var line in await services.Database.RunLog.ReadAsync(runId).ConfigureAwait(false)) services.Log.Append(runId, line.Time, line.Level, line.Text);
            foreach (var (series, points) in await services.MetricFiles.LoadAsync(runId).ConfigureAwait(false))
                services.Metrics.AddRange(new SeriesKey(runId, series), points.Select(p => new MetricPoint(p.Step, p.Value, p.Time, p.Epoch, p.Tokens)));
        }
        catch (Exception e)
        {
            services.Logger.LogError(e, "Series and log of run {Run} could not be loaded.", runId);
        }
    }
}
