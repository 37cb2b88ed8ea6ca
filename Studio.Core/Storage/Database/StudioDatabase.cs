using LiteDB;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Studio.Core.Storage;

/// <summary>
/// The studio's database: the records of a data directory. All work runs on one thread of its own; what a task reports as done is on
/// the disk. Open it once per data directory and dispose it before the directory.
/// </summary>
public sealed class StudioDatabase : IAsyncDisposable
{
    private const string RunsCollection = "runs";
    private readonly DatabaseWorker worker;

    private StudioDatabase(DatabaseWorker worker, ILogger log)
    {
        this.worker = worker;
        Models = new(worker, RecordKind.Model, "models", log);
        Datasets = new(worker, RecordKind.Dataset, "datasets", log);
        Adapters = new(worker, RecordKind.Adapter, "adapters", log);
        Runs = new(worker, RecordKind.Run, RunsCollection, log, DeleteWhatBelongsToRun);
        Chats = new(worker, RecordKind.Chat, "chats", log);
        Downloads = new(worker, RecordKind.Download, "downloads", log);
        Metrics = new(worker);
        RunLog = new(worker);
    }

    /// <summary>Base models.</summary>
    public Repository<ModelRecord> Models { get; }

    /// <summary>Data sets.</summary>
    public Repository<DatasetRecord> Datasets { get; }

    /// <summary>Adapters.</summary>
    public Repository<AdapterRecord> Adapters { get; }

    /// <summary>Runs; deleting one deletes its metrics and its log.</summary>
    public Repository<RunRecord> Runs { get; }

    /// <summary>Conversations.</summary>
    public Repository<ChatRecord> Chats { get; }

    /// <summary>Downloads from the Hub.</summary>
    public Repository<DownloadRecord> Downloads { get; }

    /// <summary>Metric series of runs.</summary>
    public MetricChunkRepository Metrics { get; }

    /// <summary>Logs of runs.</summary>
    public RunLogRepository RunLog { get; }

    /// <summary>Opens the database of <paramref name="directory"/>: creates it if there is none, migrates an older one after a backup.</summary>
    /// <exception cref="StorageException">The file is damaged, was written by a newer program, or cannot be migrated; it was left as it is.</exception>
    public static Task<StudioDatabase> OpenAsync(DataDirectory directory, ILogger<StudioDatabase>? log = null, CancellationToken cancellation = default) =>
        OpenAsync(directory, StudioSchema.Current, freeBytes: null, log, cancellation);

    /// <inheritdoc cref="OpenAsync(DataDirectory, ILogger{StudioDatabase}, CancellationToken)"/>
    internal static Task<StudioDatabase> OpenAsync(
        DataDirectory directory, StudioSchema schema, Func<long>? freeBytes = null, ILogger? log = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(directory);
        return Task.Run(
            () =>
            {
                var file = new DatabaseFile(directory.DatabasePath, directory.BackupsPath);
                file.Prepare(schema);
                return new StudioDatabase(new DatabaseWorker(file, freeBytes), log ?? NullLogger.Instance);
            },
            cancellation);
    }

    /// <summary>Finishes what was asked for and closes the file.</summary>
    public ValueTask DisposeAsync() => worker.DisposeAsync();

    internal static bool HasRun(ILiteDatabase database, string runId) => database.GetCollection(RunsCollection).FindById(runId) is not null;

    private static void DeleteWhatBelongsToRun(ILiteDatabase database, string runId)
    {
        MetricChunkRepository.DeleteRun(database, runId);
        RunLogRepository.DeleteRun(database, runId);
    }
}
