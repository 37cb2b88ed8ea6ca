using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Execution;

/// <summary>
/// One loaded base model: its frozen layers (one copy for everybody, on one device or in parts on several), the executors that serve them, and the
/// clients' side of the forward, once on each device where clients compute.
/// </summary>
public sealed class BaseModel : IDisposable
{
    private readonly Checkpoint _checkpoint;
    private readonly Shard[] _shards;
    private readonly Lock _gate = new();
    private readonly List<DecoderModel> _elsewhere = [];

    private BaseModel(string id, Checkpoint checkpoint, PlacementPlan plan, IEnumerable<Shard> shards, DecoderModel model, long convertedBytes)
    {
        Id = id;
        Plan = plan;
        Model = model;
        _checkpoint = checkpoint;
        _shards = [.. shards];
        MappedBytes = Math.Max(0, Bytes - convertedBytes);
    }

    /// <summary>The id that runs, adapters and chats name.</summary>
    public string Id { get; }

    /// <summary>Fingerprint of the weights.</summary>
    public string Fingerprint => _checkpoint.Fingerprint;

    /// <summary>The folder it was loaded from.</summary>
    public string Folder => _checkpoint.Folder;

    /// <summary>Shapes and constants.</summary>
    public DecoderConfig Config => Model.Config;

    /// <summary>Which device holds what.</summary>
    public PlacementPlan Plan { get; }

    /// <summary>The clients' side of the forward on the base's (first) device.</summary>
    public DecoderModel Model { get; }

    /// <summary>The service that runs the frozen layers of a base on one device.</summary>
    /// <exception cref="InvalidOperationException">The base is in several parts, each with a service of its own: <see cref="Attach"/> reaches them all.</exception>
    public BaseExecutor Executor => Only.Executor;

    /// <summary>The frozen layers themselves of a base on one device.</summary>
    /// <exception cref="InvalidOperationException">The base is in several parts: <see cref="Direct"/> reaches them all.</exception>
    public FrozenLayers Layers => Only.Layers;

    /// <summary>Type of activations.</summary>
    public ScalarType ComputeType => Model.ComputeType;

    /// <summary>Where it lives; where it is in several parts, the device of the first.</summary>
    public Device Device => Plan.Shards[0].Device;

    /// <summary>Where its clients compute unless they say otherwise.</summary>
    public Device ClientDevice => Plan.Client;

    /// <summary>Those of <see cref="Bytes"/> that are views of mapped files: resident, but no private memory of the process.</summary>
    public long MappedBytes { get; }

    /// <summary>Bytes of all weights, the clients' side on every device included; independent of the number of clients.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate) return _shards.Sum(shard => shard.Layers.Bytes) + Model.NormBytes + _elsewhere.Sum(model => model.NormBytes);
        }
    }

    /// <summary>The batching policy in force, the same at every part; a change acts on the next call.</summary>
    public BatchingPolicy Policy
    {
        get => _shards[0].Executor.Policy;
        set
        {
            foreach (var shard in _shards) shard.Executor.Policy = value;
        }
    }

    /// <summary>What its executors have done so far, together.</summary>
    public ExecutorCounters Counters => ShardCounters.Sum([.. _shards.Select(shard => shard.Executor.Counters)]);

    /// <summary>Floating-point operations a second that its devices reach on its own products alone, by their shares of the blocks; 0 before <see cref="MeasurePeak"/>.</summary>
    public double PeakOperations => _shards.Length == 1 ? _shards[0].Executor.PeakOperations
        : Plan.Blocks / _shards.Select((shard, i) => Plan.Shards[i].Layers.Blocks / shard.Executor.PeakOperations).Sum();

    /// <summary>Loads a checkpoint folder onto one device.</summary>
    /// <param name="id">Id to be named by.</param>
    /// <param name="folder">Hugging Face layout.</param>
    /// <param name="computeType">fp32 or bf16; null = bf16 where the weights are half precision and the device is fast at it, else fp32.</param>
    /// <param name="device">Null = <see cref="Devices.Default"/>.</param>
    /// <param name="options">Executor settings.</param>
    /// <param name="configFile">Name of the config within the folder.</param>
    /// <param name="progress">Receives how much of the weights has been read, checked and converted, 0..1.</param>
    /// <param name="ct">Cancels loading.</param>
    /// <exception cref="InvalidDataException">The folder is unsound (see <see cref="Checkpoint.Open"/>), or some tensors hold NaN or infinite values: the message lists them.</exception>
    public static BaseModel Load(string id, string folder, ScalarType? computeType = null, Device? device = null, ExecutorOptions? options = null,
        string configFile = "config.json", IProgress<double>? progress = null, CancellationToken ct = default) =>
        Load(id, folder, checkpoint => new DevicePlacement(device ?? Devices.Default).PlanFor(checkpoint, computeType), computeType, options, configFile, progress, ct);

    /// <summary>Loads a checkpoint folder as a plan says.</summary>
    /// <param name="id">Id to be named by.</param>
    /// <param name="folder">Hugging Face layout.</param>
    /// <param name="plan">Which device gets what, and where clients compute.</param>
    /// <param name="computeType">fp32 or bf16; null = bf16 where the weights are half precision and every device is fast at it, else fp32.</param>
    /// <param name="options">Settings of every part's executor.</param>
    /// <param name="configFile">Name of the config within the folder.</param>
    /// <param name="progress">Receives how much of the weights has been read, checked and converted, 0..1.</param>
    /// <param name="ct">Cancels loading.</param>
    /// <exception cref="ArgumentException">The plan is for another number of blocks.</exception>
    /// <exception cref="InvalidDataException">The folder is unsound (see <see cref="Checkpoint.Open"/>), or some tensors hold NaN or infinite values: the message lists them.</exception>
    public static BaseModel Load(string id, string folder, PlacementPlan plan, ScalarType? computeType = null, ExecutorOptions? options = null,
        string configFile = "config.json", IProgress<double>? progress = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return Load(id, folder, _ => plan, computeType, options, configFile, progress, ct);
    }

    /// <summary>Attaches a client to every part of the base; disposing the result detaches it.</summary>
    /// <exception cref="ArgumentException">A share that is not positive.</exception>
    public IBaseLayers Attach(ClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Doors(options, (shard, client) => shard.Executor.Attach(client));
    }

    /// <summary>The layers without the service, for callers on a device (null = the base's first).</summary>
    public IBaseLayers Direct(Device? client = null) => Doors(new ClientOptions { Name = Id, Device = client },
        (shard, options) => PlacedBaseLayers.Between(new DirectBaseLayers(shard.Layers), options, shard.Layers));

    /// <summary>The clients' side of the forward on a device (null = <see cref="ClientDevice"/>): made once and kept as long as the base.</summary>
    public DecoderModel ClientModel(Device? device = null)
    {
        var place = device ?? ClientDevice;
        if (place.IsSame(Model.Device)) return Model;
        lock (_gate)
        {
            var there = _elsewhere.Find(model => model.Device.IsSame(place));
            if (there is null) _elsewhere.Add(there = Model.CopyTo(place));
            return there;
        }
    }

    /// <summary>Measures <see cref="PeakOperations"/> (see <see cref="BaseExecutor.MeasurePeak"/>).</summary>
    public void MeasurePeak()
    {
        foreach (var shard in _shards) shard.Executor.MeasurePeak();
    }

    /// <summary>What its executors computed, product by product, since a <see cref="System.Diagnostics.Stopwatch"/> time stamp, in the order of the ends; bounded.</summary>
    public IReadOnlyList<ExecutorSpan> ProductsSince(long timestamp) => _shards.Length == 1 ? _shards[0].Executor.Timeline.Since(timestamp)
        : [.. _shards.SelectMany(shard => shard.Executor.Timeline.Since(timestamp)).OrderBy(span => span.End)];

    /// <summary>Frees everything. Clients must have detached.</summary>
    public void Dispose()
    {
        foreach (var model in _elsewhere) model.Dispose();
        Model.Dispose();
        foreach (var shard in _shards) shard.Dispose();
        _checkpoint.Dispose();
    }

    /// <summary>bf16 where the weights are half precision and all devices are fast at it, else fp32.</summary>
    internal static ScalarType PreferredType(Checkpoint checkpoint, IEnumerable<Device> devices)
    {
        var stored = checkpoint.TypeOf(checkpoint.Family.Weight(LayerId.Embedding).Name);
        return stored is ScalarType.BFloat16 or ScalarType.Float16 && devices.All(Devices.HasFastBFloat16) ? ScalarType.BFloat16 : ScalarType.Float32;
    }

    private static BaseModel Load(string id, string folder, Func<Checkpoint, PlacementPlan> planOf, ScalarType? computeType, ExecutorOptions? options,
        string configFile, IProgress<double>? progress, CancellationToken ct)
    {
        if (computeType is not (null or ScalarType.Float32 or ScalarType.BFloat16))
            throw new ArgumentException($"The compute type {computeType} is not supported; expected Float32 or BFloat16.", nameof(computeType));
        var checkpoint = Checkpoint.Open(folder, configFile);
        var shards = new List<Shard>();
        DecoderModel? model = null;
        try
        {
            var plan = planOf(checkpoint);
            if (plan.Blocks != checkpoint.Config.Blocks)
                throw new ArgumentException($"The plan places {plan.Blocks} blocks; '{folder}' has {checkpoint.Config.Blocks}.");
            var type = computeType ?? PreferredType(checkpoint, plan.Shards.Select(shard => shard.Device));
            using var reader = new WeightReader(checkpoint, type, plan.Shards[0].Device, progress, ct);
            foreach (var part in plan.Shards)
            {
                reader.Device = part.Device;
                shards.Add(Shard.Load(reader, plan.Shards.Count == 1 ? null : part.Layers, options));
            }
            reader.Device = plan.Shards[0].Device;
            model = DecoderModel.Load(reader);
            reader.RequireFinite();
            return new BaseModel(id, checkpoint, plan, shards, model, reader.ConvertedBytes);
        }
        catch
        {
            model?.Dispose();
            foreach (var shard in shards) shard.Dispose();
            checkpoint.Dispose();
            throw;
        }
    }

    private Shard Only => _shards.Length == 1 ? _shards[0] : throw new InvalidOperationException($"The base '{Id}' is in parts on {Plan}; this is for a base on one device.");

    private IBaseLayers Doors(ClientOptions options, Func<Shard, ClientOptions, IBaseLayers> open)
    {
        if (_shards.Length == 1) return open(_shards[0], options);
        var client = options with { Device = options.Device ?? Device };
        var doors = new List<BaseShard>();
        try
        {
            for (int i = 0; i < _shards.Length; i++) doors.Add(new BaseShard(Plan.Shards[i].Layers, open(_shards[i], client)));
            return ShardedBaseLayers.Join(doors);
        }
        catch
        {
            foreach (var door in doors) door.Layers.Dispose();
            throw;
        }
    }

    private sealed record Shard(FrozenLayers Layers, BaseExecutor Executor) : IDisposable
    {
        public static Shard Load(WeightReader reader, LayerRange? range, ExecutorOptions? options)
        {
            var layers = FrozenLayers.Load(reader, range, options?.Int8Decode ?? false);
            return new Shard(layers, new BaseExecutor(layers, reader.Checkpoint.Config.BaseCalls().Where(call => range is null || range.Holds(call)), options));
        }

        public void Dispose()
        {
            Executor.Dispose();
            Layers.Dispose();
        }
    }
}
