using LiteDB;

namespace Studio.Core.Storage;

/// <summary>The stored metric series of runs. <see cref="MetricPersistence"/> is the usual way in.</summary>
public sealed class MetricChunkRepository
{
    /// <summary>Most points of a chunk: the newest chunk of a series is rewritten until it is full.</summary>
    public const int PointsPerChunk = 256;

    private const string Collection = "metrics";
    private readonly DatabaseWorker worker;

    internal MetricChunkRepository(DatabaseWorker worker) => this.worker = worker;

    /// <summary>All chunks of a run, by series and index.</summary>
    public Task<IReadOnlyList<MetricChunk>> ReadAsync(string runId, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        return worker.ReadAsync<IReadOnlyList<MetricChunk>>(
            database => [.. Chunks(database).Find(KeyRange.Below(runId)).OrderBy(c => c.Series, StringComparer.Ordinal).ThenBy(c => c.FirstIndex)], cancellation);
    }

    /// <summary>
    /// Appends points to series, all in one transaction; completes when they are on the disk.
    /// Points of runs that have no record (any more) are dropped.
    /// </summary>
    public Task AppendAsync(IReadOnlyCollection<SeriesPoints> batch, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return worker.WriteAsync(
            database =>
            {
                foreach (var series in batch.Where(s => StudioDatabase.HasRun(database, s.RunId)))
                {
                    Append(Chunks(database), series);
                }

                return true;
            },
            cancellation);
    }

    /// <summary>Removes the points of a run after <paramref name="lastStep"/>, as a run that resumes from an older checkpoint needs.</summary>
    public Task RewindAsync(string runId, long lastStep, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        return worker.WriteAsync(
            database =>
            {
                var chunks = Chunks(database);
                foreach (var series in chunks.Find(KeyRange.Below(runId)).ToList().GroupBy(c => c.Series, StringComparer.Ordinal))
                {
                    Rewind(chunks, [.. series.OrderBy(c => c.FirstIndex)], lastStep);
                }

                return true;
            },
            cancellation);
    }

    internal static void DeleteRun(ILiteDatabase database, string runId) => Chunks(database).DeleteMany(KeyRange.Below(runId));

    private static void Append(ILiteCollection<MetricChunk> chunks, SeriesPoints series)
    {
        var last = chunks.Query().Where(KeyRange.Below(MetricChunk.SeriesKey(series.RunId, series.Series))).OrderByDescending("$._id").Limit(1).FirstOrDefault();
        var kept = last is null ? [] : StoredPoint.Unpack(last.Points);
        var firstIndex = last?.FirstIndex ?? 0;
        if (kept.Count >= PointsPerChunk)
        {
            firstIndex += kept.Count;
            kept = [];
        }

        foreach (var points in kept.Concat(series.Points).Chunk(PointsPerChunk))
        {
            chunks.Upsert(NewChunk(series.RunId, series.Series, firstIndex, points));
            firstIndex += points.Length;
        }
    }

    // Indices stay without gaps: what remains is packed anew, from the first chunk that loses a point.
    private static void Rewind(ILiteCollection<MetricChunk> chunks, IReadOnlyList<MetricChunk> series, long lastStep)
    {
        var touched = series.SkipWhile(c => StoredPoint.Unpack(c.Points).All(p => p.Step <= lastStep)).ToList();
        if (touched.Count == 0)
        {
            return;
        }

        foreach (var chunk in touched)
        {
            chunks.Delete(chunk.Id);
        }

        var remaining = touched.SelectMany(c => StoredPoint.Unpack(c.Points)).Where(p => p.Step <= lastStep).ToList();
        var (runId, name, firstIndex) = (touched[0].RunId, touched[0].Series, touched[0].FirstIndex);
        foreach (var points in remaining.Chunk(PointsPerChunk))
        {
            chunks.Upsert(NewChunk(runId, name, firstIndex, points));
            firstIndex += points.Length;
        }
    }

    private static MetricChunk NewChunk(string runId, string series, long firstIndex, StoredPoint[] points) => new()
    {
        Id = MetricChunk.IdOf(runId, series, firstIndex),
        RunId = runId,
        Series = series,
        FirstIndex = firstIndex,
        Points = StoredPoint.Pack(points),
    };

    private static ILiteCollection<MetricChunk> Chunks(ILiteDatabase database) => database.GetCollection<MetricChunk>(Collection);
}

/// <summary>New points of one series of a run, oldest first.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Series">Name of the series.</param>
/// <param name="Points">The points.</param>
public sealed record SeriesPoints(string RunId, string Series, IReadOnlyList<StoredPoint> Points);
