using Microsoft.Extensions.Logging;
using Studio.Core.Clients;
using Studio.Core.Runs;
using Studio.Core.Storage;
using Studio.Core.Telemetry;
using Studio.Core.Tensors;

namespace Studio.Core.Serving;

/// <summary>The whole engine behind one object: everything the pages, the hub and the APIs use. One per process and data directory.</summary>
public sealed class StudioEngine : IAsyncDisposable
{
    private readonly DataDirectory _directory;
    private readonly StudioDatabase _database;
    private readonly ComputeLanePool _lanes;
    private readonly ModelLibrary _models;
    private readonly AdapterPool _pool;
    private readonly DatasetLibrary _datasets;
    private readonly RunServices _runServices;
    private readonly RunManagerOptions _runOptions;
    private RunManager? _runs;
    private readonly MetricPersistence _persistence;
    private readonly ILogger _log;

    private StudioEngine(DataDirectory directory, StudioDatabase database, StudioEngineOptions options, ILoggerFactory logs)
    {
        _directory = directory;
        _database = database;
        _log = logs.CreateLogger<StudioEngine>();
        _lanes = new ComputeLanePool(options.StepsInFlight);
        var changes = new ChangeSignal(log: logs.CreateLogger<ChangeSignal>());
        var ledger = new MemoryLedger();
        var clients = new ClientRegistry();
        _models = new ModelLibrary(database, _lanes, clients, ledger, Devices.Parse(options.Device));
        _pool = new AdapterPool(directory, database, _models, _lanes, ledger);
        _datasets = new DatasetLibrary(directory, database, _models, id => Unfinished(run => run.Record.DatasetId == id)?.Record.Name);
        var adapters = new AdapterLibrary(directory, database, _models, _pool, _lanes, id => Unfinished(run => run.Record.AdapterId == id) is not null);
        Adapters = adapters;
        Chat = new ChatService(_models, _pool);
        Telemetry = new StudioTelemetry(changes, new MetricStore(changes), new EventLog(changes), clients,
            () => new MemoryView(DeviceMemory.Read(), ledger.Snapshot()),
            () => [.. _models.Models.Select(model => new ExecutorView(model.Record.Id, model.Record.Name, model.Base.Executor.Policy, model.Base.Executor.Counters))]);
        _persistence = new MetricPersistence(database.Metrics, log: logs.CreateLogger<MetricPersistence>());
        _runOptions = new RunManagerOptions { MaximumActive = options.ActiveRuns };
        _runServices = new RunServices
        {
            Environment = new RunEnvironment(_models, _datasets, adapters, _pool, database, _lanes),
            Lanes = _lanes,
            Database = database,
            Metrics = Telemetry.Metrics,
            MetricFiles = _persistence,
            Log = Telemetry.Log,
            Clients = clients,
            Memory = ledger,
            Logger = logs.CreateLogger<RunManager>(),
        };
    }

    /// <summary>Base models.</summary>
    public IModelService Models => _models;

    /// <summary>Data sets.</summary>
    public IDatasetService Datasets => _datasets;

    /// <summary>Adapters.</summary>
    public IAdapterService Adapters { get; }

    /// <summary>Fine-tunes.</summary>
    public IRunService Runs => _runs ?? throw new InvalidOperationException("The engine is not started.");

    /// <summary>Chats.</summary>
    public IChatService Chat { get; }

    /// <summary>Metrics, logs, memory and counters.</summary>
    public StudioTelemetry Telemetry { get; }

    /// <summary>Opens the data directory, loads the starter model, adds the samples to a new directory and recovers runs.</summary>
    /// <exception cref="StorageException">The data directory cannot be used; the message says why.</exception>
    /// <exception cref="StudioException">The starter model is unsound.</exception>
    public static async Task<StudioEngine> StartAsync(StudioEngineOptions options, ILoggerFactory logs, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logs);
        var directory = new DataDirectory(options.DataDirectory ?? DataDirectory.DefaultLocation);
        StudioDatabase? database = null;
        StudioEngine? engine = null;
        try
        {
            database = await StudioDatabase.OpenAsync(directory, logs.CreateLogger<StudioDatabase>(), ct).ConfigureAwait(false);
            engine = new StudioEngine(directory, database, options, logs);
            await engine.PrepareAsync(options, ct).ConfigureAwait(false);
            return engine;
        }
        catch
        {
            if (engine is not null) await engine.DisposeAsync().ConfigureAwait(false);
            else
            {
                if (database is not null) await database.DisposeAsync().ConfigureAwait(false);
                directory.Dispose();
            }
            throw;
        }
    }

    /// <summary>Ends runs at their next step, saves everything, frees everything.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_runs is not null) await _runs.DisposeAsync().ConfigureAwait(false);
        await _models.DisposeAsync().ConfigureAwait(false);
        _pool.Dispose();
        await _persistence.DisposeAsync().ConfigureAwait(false);
        _lanes.Dispose();
        await _database.DisposeAsync().ConfigureAwait(false);
        _directory.Dispose();
    }

    private async Task PrepareAsync(StudioEngineOptions options, CancellationToken ct)
    {
        foreach (string repair in _directory.Repairs) _log.LogWarning("{Repair}", repair);
        if (options.StarterModel is { } starter && Directory.Exists(starter)) await _models.LoadAsync(starter, ct: ct).ConfigureAwait(false);
        if (options.SampleDatasets is { } samples) await _datasets.AddSamplesAsync(samples, ct).ConfigureAwait(false);
        _runs = await RunManager.OpenAsync(_runServices, _runOptions, ct).ConfigureAwait(false);
    }

    private RunView? Unfinished(Func<RunView, bool> uses) =>
        _runs?.Runs.FirstOrDefault(run => !run.Record.State.HasEnded() && uses(run));
}
