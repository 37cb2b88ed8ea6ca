using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Tests.Support;

/// <summary>One of the reference checkpoints in a compute type of choice.</summary>
internal sealed class FixtureModel(string name, ScalarType type = ScalarType.Float32) : FolderModel(FixtureFolder.Model(name), type);

/// <summary>A checkpoint folder in a compute type of choice.</summary>
internal class FolderModel : TestModel
{
    private readonly Checkpoint _checkpoint;
    private readonly List<Tensor> _own = [];

    public FolderModel(string folder, ScalarType type = ScalarType.Float32)
    {
        _checkpoint = Checkpoint.Open(folder);
        using var reader = new WeightReader(_checkpoint, type, CPU);
        var (config, family) = (_checkpoint.Config, _checkpoint.Family);
        var weights = new Dictionary<LayerId, LinearWeights>();
        foreach (var layer in config.WeightLayers())
        {
            bool tied = layer == LayerId.Head && config.TiedHead;
            weights[layer] = new LinearWeights(
                Keep(reader.Read(family.Weight(tied ? LayerId.Embedding : layer))),
                config.Describe(layer).HasBias ? Keep(reader.Read(family.Bias(layer))) : null);
        }
        Take(DecoderModel.Load(reader), FrozenLayers.Load(reader), weights);
    }

    /// <summary>Whether its files hold half precision.</summary>
    public bool IsHalf => _checkpoint.TypeOf(_checkpoint.Family.Weight(LayerId.Embedding).Name) != ScalarType.Float32;

    protected override void Release()
    {
        foreach (var tensor in _own) tensor.Dispose();
        _checkpoint.Dispose();
    }

    private Tensor Keep(Tensor tensor)
    {
        _own.Add(tensor);
        return tensor;
    }
}
