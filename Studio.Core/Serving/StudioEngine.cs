using Microsoft.Extensions.Logging;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Hub;
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
    private readonly HubClient _hub;
    private readonly CancellationTokenSource _closing = new();
    private RunManager? _runs;
    private DownloadLibrary? _downloads;
    private Task _reload = Task.CompletedTask;
    private readonly MetricPersistence _persistence;
    private readonly ILogger _log;

    private StudioEngine(DataDirectory directory, StudioDatabase database, StudioEngineOptions options, DevicePlacement placement, HubOptions hub, ILoggerFactory logs)
    {
        _directory = directory;
        _database = database;
        _log = logs.CreateLogger<StudioEngine>();
        _lanes = new ComputeLanePool();
        var changes = new ChangeSignal(log: logs.CreateLogger<ChangeSignal>());
        var ledger = new MemoryLedger();
        var clients = new ClientRegistry();
        _hub = new HubClient(hub);
        _models = new ModelLibrary(directory, database, _lanes, clients, ledger, placement, hub.CacheFolder,
            id => [.. (_runs?.Runs ?? []).Where(run => !run.Record.State.HasEnded() && run.Record.BaseModelId == id).Select(run => run.Record.Name)],
            new ServingOptions(options.PrefixCacheBytes, options.Int8Decode));
        _pool = new AdapterPool(directory, database, _models, _lanes, ledger);
        _datasets = new DatasetLibrary(directory, database, _models, id => Unfinished(run => run.Record.DatasetId == id)?.Record.Name);
        var adapters = new AdapterLibrary(directory, database, _models, _pool, _lanes, id => Unfinished(run => run.Record.AdapterId == id) is not null);
        Adapters = adapters;
        Chat = new ChatService(_models, _pool);
        Telemetry = new StudioTelemetry(changes, new MetricStore(changes), new EventLog(changes), clients,
            () => new MemoryView(DeviceMemory.Read(), ledger.Snapshot()),
            () => [.. _models.Models.Select(View)],
            (id, since) => _models.Find(id)?.Base.ProductsSince(since) ?? []);
        _persistence = new MetricPersistence(database.Metrics, log: logs.CreateLogger<MetricPersistence>());
        _runOptions = new RunManagerOptions { MaximumActive = options.ActiveRuns, MemoryBudget = options.MemoryBudget, ParksIdleState = options.ParkIdleState };
        _runServices = new RunServices
        {
            Environment = new RunEnvironment(_models, _datasets, adapters, _pool, database, _lanes, options.ParkIdleState),
            Lanes = _lanes,
            Steps = new StepScheduler(_lanes, new StepSchedulerOptions { StepsInFlight = options.StepsInFlight }),
            Database = database,
            Metrics = Telemetry.Metrics,
            MetricFiles = _persistence,
            Log = Telemetry.Log,
            Clients = clients,
            Memory = ledger,
            Gauge = MemoryGauge.Of(placement.Base[0]),
            MappedBytes = () => _models.Models.Sum(model => model.Base.MappedBytes),
            Logger = logs.CreateLogger<RunManager>(),
        };
    }

    /// <summary>Base models.</summary>
    public IModelService Models => _models;

    /// <summary>Downloads from the Hub.</summary>
    public IDownloadService Downloads => _downloads ?? throw new InvalidOperationException("The engine is not started.");

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
    /// <exception cref="StudioException">The starter model is unsound, or a setting is.</exception>
    public static async Task<StudioEngine> StartAsync(StudioEngineOptions options, ILoggerFactory logs, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logs);
        var (hub, placement) = (HubOf(options), PlacementOf(options));
        var directory = new DataDirectory(options.DataDirectory ?? DataDirectory.DefaultLocation);
        StudioDatabase? database = null;
        StudioEngine? engine = null;
        try
        {
            database = await StudioDatabase.OpenAsync(directory, logs.CreateLogger<StudioDatabase>(), ct).ConfigureAwait(false);
            engine = new StudioEngine(directory, database, options, placement, hub, logs);
            await engine.PrepareAsync(options, logs, ct).ConfigureAwait(false);
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
        await _closing.CancelAsync().ConfigureAwait(false);
        if (_downloads is not null) await _downloads.DisposeAsync().ConfigureAwait(false);
        await _reload.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_runs is not null) await _runs.DisposeAsync().ConfigureAwait(false);
        await _models.DisposeAsync().ConfigureAwait(false);
        _pool.Dispose();
        await _persistence.DisposeAsync().ConfigureAwait(false);
        _runServices.Steps.Dispose();
        _lanes.Dispose();
        await _database.DisposeAsync().ConfigureAwait(false);
        _directory.Dispose();
        _hub.Dispose();
        _closing.Dispose();
    }

    private async Task PrepareAsync(StudioEngineOptions options, ILoggerFactory logs, CancellationToken ct)
    {
        foreach (string repair in _directory.Repairs) _log.LogWarning("{Repair}", repair);
        if (options.StarterModel is { } starter && Directory.Exists(starter)) await _models.LoadAsync(starter, "auto", remember: false, ct: ct).ConfigureAwait(false);
        if (options.SampleDatasets is { } samples) await _datasets.AddSamplesAsync(samples, ct).ConfigureAwait(false);
        _runs = await RunManager.OpenAsync(_runServices, _runOptions, ct).ConfigureAwait(false);
        var work = new DownloadWork(_directory, _hub, _models, _datasets);
        _downloads = await DownloadLibrary.OpenAsync(_directory, _database, work, logs.CreateLogger<DownloadLibrary>(), ct: ct).ConfigureAwait(false);
        // Large models take minutes; the studio is of use before they are there.
        _reload = _models.ReloadAsync(_log, _closing.Token);
    }

    private static HubOptions HubOf(StudioEngineOptions options)
    {
        try
        {
            return options.Hub ?? HubOptions.FromEnvironment();
        }
        catch (HubException error)
        {
            throw new StudioException(error.Message, inner: error);
        }
    }

    private static ExecutorView View(LoadedModel model)
    {
        var served = model.Base;
        return new ExecutorView(model.Record.Id, model.Record.Name, served.Policy, served.Counters, served.PeakOperations) { ChatTokensPerSecond = model.Generator.TokensPerSecond };
    }

    private static DevicePlacement PlacementOf(StudioEngineOptions options)
    {
        string[] problems = [.. options.DeviceProblems().Select(found => $"{found.Setting}: {found.Problem}")];
        if (problems.Length > 0) throw new StudioException(problems[0], problems);
        return DevicePlacement.Parse(options.Device, options.ClientDevice);
    }

    private RunView? Unfinished(Func<RunView, bool> uses) =>
        _runs?.Runs.FirstOrDefault(run => !run.Record.State.HasEnded() && uses(run));
}
