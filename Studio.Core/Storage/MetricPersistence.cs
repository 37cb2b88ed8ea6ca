using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Studio.Core.Storage;

/// <summary>
/// Keeps the metric series of runs. Adding a point costs a lock and no waiting; about once a second everything new is written in one
/// transaction. What could not be written (a full disk) is kept and tried again with the next write.
/// </summary>
public sealed class MetricPersistence : IAsyncDisposable
{
    /// <summary>Time between two writes unless told otherwise.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(1);

    /// <summary>Points of one series that are held while they cannot be written; beyond it the oldest are given up.</summary>
    public const int MaxUnsaved = 100_000;

    private readonly MetricChunkRepository repository;
    private readonly ILogger log;
    private readonly ITimer timer;
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly Lock gate = new();
    private Dictionary<(string RunId, string Series), List<StoredPoint>> unsaved = [];

    /// <summary>Begins to write to <paramref name="repository"/> every <paramref name="interval"/> (default <see cref="DefaultInterval"/>).</summary>
    public MetricPersistence(MetricChunkRepository repository, TimeProvider? time = null, TimeSpan? interval = null, ILogger<MetricPersistence>? log = null)
    {
        ArgumentNullException.ThrowIfNull(repository);
        this.repository = repository;
        this.log = log ?? (ILogger)NullLogger.Instance;
        var period = interval ?? DefaultInterval;
        timer = (time ?? TimeProvider.System).CreateTimer(_ => _ = FlushInBackgroundAsync(), null, period, period);
    }

    /// <summary>Takes a point of a run's series. Never blocks on the disk.</summary>
    public void Add(string runId, string series, StoredPoint point)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        ArgumentException.ThrowIfNullOrEmpty(series);
        lock (gate)
        {
            Unsaved(runId, series).Add(point);
        }
    }

    /// <summary>Writes everything added so far; completes when it is on the disk.</summary>
    /// <exception cref="StorageException">It cannot be written; it is kept for the next attempt.</exception>
    public async Task FlushAsync(CancellationToken cancellation = default)
    {
        await writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var batch = Take();
            if (batch.Count == 0)
            {
                return;
            }

            try
            {
                await repository.AppendAsync(batch, cancellation).ConfigureAwait(false);
            }
            catch
            {
                PutBack(batch);
                throw;
            }
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>All series of a run, oldest point first, including what was added a moment ago.</summary>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<StoredPoint>>> LoadAsync(string runId, CancellationToken cancellation = default)
    {
        await FlushAsync(cancellation).ConfigureAwait(false);
        var chunks = await repository.ReadAsync(runId, cancellation).ConfigureAwait(false);
        return chunks
            .GroupBy(c => c.Series, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, IReadOnlyList<StoredPoint> (g) => [.. g.SelectMany(c => StoredPoint.Unpack(c.Points))], StringComparer.Ordinal);
    }

    /// <summary>Removes a run's points after <paramref name="lastStep"/>: the run resumes from a checkpoint of that step.</summary>
    public async Task RewindAsync(string runId, long lastStep, CancellationToken cancellation = default)
    {
        await FlushAsync(cancellation).ConfigureAwait(false);
        await repository.RewindAsync(runId, lastStep, cancellation).ConfigureAwait(false);
    }

    /// <summary>Stops the clock and writes what is left.</summary>
    public async ValueTask DisposeAsync()
    {
        await timer.DisposeAsync().ConfigureAwait(false);
        await FlushInBackgroundAsync().ConfigureAwait(false);
        writing.Dispose();
    }

    [SuppressMessage("Design", "CA1031", Justification = "Nobody awaits a background write: it is logged, and the points are kept for the next one.")]
    private async Task FlushInBackgroundAsync()
    {
        try
        {
            await FlushAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            log.LogError(e, "Metrics could not be saved; they are kept in memory and tried again.");
        }
    }

    private List<SeriesPoints> Take()
    {
        lock (gate)
        {
            var taken = unsaved;
            unsaved = [];
            return [.. taken.Select(s => new SeriesPoints(s.Key.RunId, s.Key.Series, s.Value))];
        }
    }

    private void PutBack(List<SeriesPoints> batch)
    {
        lock (gate)
        {
            foreach (var (runId, series, points) in batch)
            {
                var list = Unsaved(runId, series);
                list.InsertRange(0, points);
                var surplus = list.Count - MaxUnsaved;
                if (surplus > 0)
                {
                    list.RemoveRange(0, surplus);
                    log.LogWarning("Gave up the {Count} oldest unsaved points of {Series} of run {Run}.", surplus, series, runId);
                }
            }
        }
    }

    private List<StoredPoint> Unsaved(string runId, string series)
    {
        if (!unsaved.TryGetValue((runId, series), out var points))
        {
            unsaved[(runId, series)] = points = [];
        }

        return points;
    }
}
