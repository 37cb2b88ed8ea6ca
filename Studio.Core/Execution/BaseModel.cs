using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Execution;

/// <summary>
/// One loaded base model: its frozen layers (one copy for everybody), the executor that serves them, and the clients' side of the forward.
/// </summary>
public sealed class BaseModel : IDisposable
{
    private readonly Checkpoint _checkpoint;
    private readonly FrozenLayers _layers;

    private BaseModel(string id, Checkpoint checkpoint, FrozenLayers layers, DecoderModel model, BaseExecutor executor)
    {
        Id = id;
        _checkpoint = checkpoint;
        _layers = layers;
        Model = model;
        Executor = executor;
    }

    /// <summary>The id that runs, adapters and chats name.</summary>
    public string Id { get; }

    /// <summary>Fingerprint of the weights.</summary>
    public string Fingerprint => _checkpoint.Fingerprint;

    /// <summary>The folder it was loaded from.</summary>
    public string Folder => _checkpoint.Folder;

    /// <summary>Shapes and constants.</summary>
    public DecoderConfig Config => Model.Config;

    /// <summary>The clients' side of the forward.</summary>
    public DecoderModel Model { get; }

    /// <summary>The service that runs the frozen layers.</summary>
    public BaseExecutor Executor { get; }

    /// <summary>The frozen layers themselves, for callers that run without the service.</summary>
    public FrozenLayers Layers => _layers;

    /// <summary>Type of activations.</summary>
    public ScalarType ComputeType => _layers.ComputeType;

    /// <summary>Where it lives.</summary>
    public Device Device => _layers.Device;

    /// <summary>Bytes of all weights, the clients' side included; independent of the number of clients.</summary>
    public long Bytes => _layers.Bytes + Model.NormBytes;

    /// <summary>Loads a checkpoint folder.</summary>
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
        string configFile = "config.json", IProgress<double>? progress = null, CancellationToken ct = default)
    {
        if (computeType is not (null or ScalarType.Float32 or ScalarType.BFloat16))
            throw new ArgumentException($"The compute type {computeType} is not supported; expected Float32 or BFloat16.", nameof(computeType));
        var place = device ?? Devices.Default;
        var checkpoint = Checkpoint.Open(folder, configFile);
        FrozenLayers? layers = null;
        DecoderModel? model = null;
        try
        {
            using var reader = new WeightReader(checkpoint, computeType ?? Preferred(checkpoint, place), place, progress, ct);
            layers = FrozenLayers.Load(reader, options?.Int8Decode ?? false);
            model = DecoderModel.Load(reader);
            reader.RequireFinite();
            return new BaseModel(id, checkpoint, layers, model, new BaseExecutor(layers, checkpoint.Config.BaseCalls(), options));
        }
        catch
        {
            model?.Dispose();
            layers?.Dispose();
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>Frees everything. Clients must have detached.</summary>
    public void Dispose()
    {
        Executor.Dispose();
        Model.Dispose();
        _layers.Dispose();
        _checkpoint.Dispose();
    }

    private static ScalarType Preferred(Checkpoint checkpoint, Device device)
    {
        var stored = checkpoint.TypeOf(checkpoint.Family.Weight(LayerId.Embedding).Name);
        return stored is ScalarType.BFloat16 or ScalarType.Float16 && Devices.HasFastBFloat16(device) ? ScalarType.BFloat16 : ScalarType.Float32;
    }
}
