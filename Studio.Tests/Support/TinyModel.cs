using Studio.Core.Adapters;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Models.Families;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Support;

/// <summary>A small Llama-shaped model with random weights from a fixed seed, without files.</summary>
internal sealed class TinyModel : TestModel
{
    public TinyModel(ScalarType type = ScalarType.Float32, int blocks = 2, bool bias = false, ulong seed = 7,
        Func<string, Tensor, Tensor>? change = null)
    {
        var config = new DecoderConfig
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
        var weights = new Dictionary<LayerId, LinearWeights>();
        foreach (var part in config.BaseCalls().SelectMany(call => config.Describe(call).Parts))
        {
            var layer = config.Describe(part.Layer);
            long[] shape = part.Layer == LayerId.Embedding ? [config.Vocabulary, config.Hidden] : [layer.OutputFeatures, layer.InputFeatures];
            double deviation = part.Layer == LayerId.Embedding ? 1 : 1.2 / Math.Sqrt(shape[1]);
            string name = family.ModuleName(part.Layer);
            var weight = Make(name + ".weight", randn(shape, generator: random) * deviation);
            var added = layer.HasBias ? Make(name + ".bias", randn([shape[0]], generator: random) * 0.1) : null;
            frozen[part.Layer] = new DenseWeight(weight, added);
            weights[part.Layer] = new LinearWeights(weight, added);
        }
        var norms = CheckpointTensors.Norms(config).ToDictionary(id => id,
            id => new NormWeights(Make(family.NormName(id) + ".weight", 1 + randn([config.Hidden], generator: random) * 0.1), null));
        Take(new DecoderModel(config, family, norms, type, CPU), new FrozenLayers(frozen, config.Describe, type, CPU), weights);

        Tensor Make(string name, Tensor value)
        {
            if (change is not null) value = change(name, value);
            return value.to(type).DetachFromDisposeScope();
        }
    }
}
