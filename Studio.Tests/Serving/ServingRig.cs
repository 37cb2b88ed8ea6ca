using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Core.Telemetry;
using Studio.Core.Tensors;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Serving;

/// <summary>The services of the engine over a data directory of their own, without runs.</summary>
internal sealed class ServingRig : IAsyncDisposable
{
    private readonly List<TestDirectory> _folders = [];
    private readonly DataDirectory _data;
    private readonly ComputeLanePool _lanes = new(trainingLanes: 1);

    private ServingRig(DataDirectory data, StudioDatabase database, DevicePlacement placement, ServingOptions? serving)
    {
        _data = data;
        Database = database;
        Models = new ModelLibrary(data, database, _lanes, Clients, Ledger, placement, serving: serving);
        Pool = new AdapterPool(data, database, Models, _lanes, Ledger);
        Adapters = new AdapterLibrary(data, database, Models, Pool, _lanes, _ => false);
        Chat = new ChatService(Models, Pool);
    }

    public StudioDatabase Database { get; }

    public ClientRegistry Clients { get; } = new();

    public MemoryLedger Ledger { get; } = new();

    public ModelLibrary Models { get; }

    public AdapterPool Pool { get; }

    public AdapterLibrary Adapters { get; }

    public ChatService Chat { get; }

    /// <summary>The model folder that ships with the studio.</summary>
    public static string Starter => Path.Combine(SourceFolder.Root, "models", "starter");

    public static async Task<ServingRig> CreateAsync(DevicePlacement? placement = null, ServingOptions? serving = null)
    {
        var folder = new TestDirectory();
        var data = new DataDirectory(folder.File("data"));
        var rig = new ServingRig(data, await StudioDatabase.OpenAsync(data), placement ?? new DevicePlacement(CPU), serving);
        rig._folders.Add(folder);
        return rig;
    }

    /// <summary>A copy of the starter model that a test may damage.</summary>
    public string CopyOfStarter()
    {
        var folder = new TestDirectory();
        _folders.Add(folder);
        foreach (string file in Directory.EnumerateFiles(Starter)) File.Copy(file, folder.File(Path.GetFileName(file)));
        return folder.Root;
    }

    /// <summary>Folder of an adapter's files.</summary>
    public string AdapterFolder(string id) => _data.AdapterPath(id);

    public async ValueTask DisposeAsync()
    {
        await Models.DisposeAsync();
        Pool.Dispose();
        _lanes.Dispose();
        await Database.DisposeAsync();
        _data.Dispose();
        foreach (var folder in _folders) folder.Dispose();
    }
}
