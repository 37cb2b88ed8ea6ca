using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Core.Telemetry;
using Studio.Core.Tensors;
using Studio.Core.Training;
using static TorchSharp.torch;

namespace Studio.Tests.Runs;

/// <summary>The engine's real parts over a data directory and the tiny model, put together so that a test reaches each of them.</summary>
internal sealed class TestStudio : IAsyncDisposable
{
    // A run that hangs fails its test instead of the whole suite.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly CancellationTokenSource _closing = new();
    private readonly MetricPersistence _persistence;
    private readonly AdapterPool _pool;
    private RunManager? _runs;

    private TestStudio(DataDirectory directory, StudioDatabase database, DevicePlacement placement, bool parks)
    {
        Directory = directory;
        Database = database;
        Lanes = new ComputeLanePool(trainingLanes: 2);
        var changes = new ChangeSignal();
        var memory = new MemoryLedger();
        var clients = new ClientRegistry();
        Models = new ModelLibrary(directory, database, Lanes, clients, memory, placement);
        _pool = new AdapterPool(directory, database, Models, Lanes, memory);
        Datasets = new DatasetLibrary(directory, database, Models, _ => null);
        Adapters = new AdapterLibrary(directory, database, Models, _pool, Lanes, id => _runs?.Runs.Any(run => run.Record.AdapterId == id && !run.Record.State.HasEnded()) == true);
        _persistence = new MetricPersistence(database.Metrics);
        Environment = new TestRunEnvironment(new RunEnvironment(Models, Datasets, Adapters, _pool, database, Lanes, parks)) { Closing = _closing.Token };
        Metrics = new MetricStore(changes);
        Log = new EventLog(changes);
        Services = new RunServices
        {
            Environment = Environment,
            Lanes = Lanes,
            Steps = new StepScheduler(Lanes, new StepSchedulerOptions { StepsInFlight = 2 }),
            Database = database,
            Metrics = Metrics,
            MetricFiles = _persistence,
            Log = Log,
            Clients = clients,
            Memory = memory,
            Gauge = new MemoryGauge(1L << 40, () => UsedBytes, () => UsedBytes),
            Logger = NullLogger<RunManager>.Instance,
        };
    }

    public DataDirectory Directory { get; }

    public StudioDatabase Database { get; }

    /// <summary>Adapters in memory.</summary>
    public AdapterPool Pool => _pool;

    public ComputeLanePool Lanes { get; }

    public ModelLibrary Models { get; }

    public DatasetLibrary Datasets { get; }

    public AdapterLibrary Adapters { get; }

    public TestRunEnvironment Environment { get; }

    public MetricStore Metrics { get; }

    public EventLog Log { get; }

    public RunServices Services { get; }

    public RunManager Runs => _runs!;

    /// <summary>What the system says the process holds; there is 1 TiB.</summary>
    public long UsedBytes { get; set; }

    public string ModelId { get; private set; } = "";

    public BaseExecutor Executor => Models.Get(ModelId).Base.Executor;

    /// <summary>Opens a data directory, writing the model beside it where it is missing.</summary>
    /// <param name="root">Folder of the test; the data directory is below it.</param>
    /// <param name="options">Settings of the runs.</param>
    /// <param name="placement">Where the model and the runs are; null = the CPU.</param>
    /// <param name="parks">Whether the state of runs lies in files.</param>
    public static async Task<TestStudio> OpenAsync(string root, RunManagerOptions? options = null, DevicePlacement? placement = null, bool parks = false)
    {
        string model = Path.Combine(root, "model");
        if (!System.IO.Directory.Exists(model)) TinyModelFolder.Write(model);
        var directory = new DataDirectory(Path.Combine(root, "data"));
        var studio = new TestStudio(directory, await StudioDatabase.OpenAsync(directory), placement ?? new DevicePlacement(CPU), parks);
        studio.ModelId = (await studio.Models.LoadAsync(model, "float32")).Id;
        studio._runs = await RunManager.OpenAsync(studio.Services, options);
        return studio;
    }

    /// <summary>Imports rows and returns the data set's id.</summary>
    public async Task<string> ImportAsync(string jsonl, string name = "rows")
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(jsonl));
        return (await Datasets.ImportAsync(name, name + ".jsonl", content)).Dataset.Id;
    }

    /// <summary>A request with dropout that takes so many steps of two rows.</summary>
    public RunRequest Request(string datasetId, int steps = 6, long seed = 42) => new()
    {
        ModelId = ModelId,
        DatasetId = datasetId,
        Adapter = new LoraSpec { Rank = 4, Alpha = 8, Dropout = 0.2 },
        Training = new TrainingSettings { BatchSize = 2, Epochs = 100, MaxSteps = steps, EvalEverySteps = 0, Seed = seed, LearningRate = 5e-3 },
    };

    /// <summary>Waits until a run is as wanted; looked at whenever it changes its state.</summary>
    public async Task<RunView> WhenAsync(string id, Func<RunView, bool> reached)
    {
        var found = new TaskCompletionSource<RunView>(TaskCreationOptions.RunContinuationsAsynchronously);
        Runs.StateChanged += Look;
        try
        {
            Look(id);
            return await found.Task.WaitAsync(Patience);
        }
        finally
        {
            Runs.StateChanged -= Look;
        }

        void Look(string changed)
        {
            if (changed == id && Runs.Find(id) is { } view && reached(view)) found.TrySetResult(view);
        }
    }

    /// <summary>Waits until a run is over and has let go of everything.</summary>
    public async Task<RunView> WhenEndedAsync(string id)
    {
        await Runs.WhenEndedAsync(id).WaitAsync(Patience);
        return Runs.Find(id)!;
    }

    /// <summary>Starts a run and waits for its end.</summary>
    public async Task<RunView> RunAsync(RunRequest request) => await WhenEndedAsync((await Runs.StartAsync(request)).Record.Id);

    /// <summary>Values of a live series, by step.</summary>
    public double[] Series(string runId, string series = RunSeries.Loss) =>
        [.. Metrics.Read(new SeriesKey(runId, series)).Points.Select(point => point.Value)];

    /// <summary>Texts of a run's log.</summary>
    public string[] Lines(string runId) => [.. Log.Read(runId).Select(line => line.Text)];

    /// <summary>All values that an adapter's files hold, after loading them onto the model.</summary>
    public float[] StoredValues(string adapterId)
    {
        var model = Models.Get(ModelId).Base;
        using var adapter = PeftFormat.Load(Directory.AdapterPath(adapterId), model.AdapterSite());
        return adapter.Parameters.Values.ToFloatArray();
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        if (_runs is not null) await _runs.DisposeAsync();
        await Models.DisposeAsync();
        _pool.Dispose();
        await _persistence.DisposeAsync();
        Services.Steps.Dispose();
        Lanes.Dispose();
        await Database.DisposeAsync();
        Directory.Dispose();
        _closing.Dispose();
    }
}
