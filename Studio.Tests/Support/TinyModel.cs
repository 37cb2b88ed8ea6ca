using Studio.Core.Adapters;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Models.Families;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Support;

/// <summary>A small Llama-shaped model with random weights from a fixed seed, without files.</summary>
internal sealed class TinyModel : IDisposable
{
    private readonly Dictionary<LayerId, LinearWeights> _weights = [];

    public TinyModel(ScalarType type = ScalarType.Float32, int blocks = 2, bool bias = false, ulong seed = 7,
        Func<string, Tensor, Tensor>? change = null)
    {
        Config = new DecoderConfig
        {
            Family = "llama",
            Vocabulary = 41,
            Hidden = 24,
            Blocks = blocks,
            Heads = 4,
            KeyValueHeads = 2,
            HeadWidth = 6,
            MlpWidth = 40,
            ContextLength = 64,
            AttentionScale = 1 / Math.Sqrt(6),
            Rotary = new RotaryConfig { Width = 6 },
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
            MlpBias = bias,
        };
        var family = LlamaFamily.Create();
        using var scope = NewDisposeScope();
        using var random = new Generator(seed);
        var frozen = new Dictionary<LayerId, FrozenWeight>();
        foreach (var part in Config.BaseCalls().SelectMany(call => Config.Describe(call).Parts))
        {
            var layer = Config.Describe(part.Layer);
            long[] shape = part.Layer == LayerId.Embedding ? [Config.Vocabulary, Config.Hidden] : [layer.OutputFeatures, layer.InputFeatures];
            double deviation = part.Layer == LayerId.Embedding ? 1 : 1.2 / Math.Sqrt(shape[1]);
            string name = family.ModuleName(part.Layer);
            var weight = Make(name + ".weight", randn(shape, generator: random) * deviation);
            var added = layer.HasBias ? Make(name + ".bias", randn([shape[0]], generator: random) * 0.1) : null;
            frozen[part.Layer] = new DenseWeight(weight, added);
            _weights[part.Layer] = new LinearWeights(weight, added);
        }
        var norms = CheckpointTensors.Norms(Config).ToDictionary(id => id,
            id => new NormWeights(Make(family.NormName(id) + ".weight", 1 + randn([Config.Hidden], generator: random) * 0.1), null));
        Layers = new FrozenLayers(frozen, Config.Describe, type, CPU);
        Model = new DecoderModel(Config, family, norms, type, CPU);

        Tensor Make(string name, Tensor value)
        {
            if (change is not null) value = change(name, value);
            return value.to(type).DetachFromDisposeScope();
        }
    }

    public DecoderConfig Config { get; }

    public FrozenLayers Layers { get; }

    public DecoderModel Model { get; }

    public ModuleMap Modules => Model.Modules;

    /// <summary>Base layers without a service.</summary>
    public DirectBaseLayers Direct => new(Layers);

    /// <summary>Where adapters are built.</summary>
    public AdapterSite Site => SiteOf(ScalarType.Float32);

    /// <summary>Where adapters with values of a type are built.</summary>
    public AdapterSite SiteOf(ScalarType type) =>
        new() { Modules = Modules, Norms = Model.Norms, Base = Direct, ComputeType = Layers.ComputeType, Device = CPU, Type = type };

    /// <summary>The very same weights for an uncut graph.</summary>
    public LinearWeights Weights(LayerId layer) => _weights[layer];

    public BaseExecutor Executor(BatchingPolicy policy, ExecutorOptions? options = null) =>
        new(Layers, Config.BaseCalls(), (options ?? new ExecutorOptions()) with { Policy = policy });

    public void Dispose()
    {
        Model.Dispose();
        Layers.Dispose();
    }
}
