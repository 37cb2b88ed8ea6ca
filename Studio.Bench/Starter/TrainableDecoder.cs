using Studio.Core.Clients;
using Studio.Core.Models;
using Studio.Core.Models.Families;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Bench.Starter;

/// <summary>A decoder whose weights are all trainable: fp32 master values in flat buffers, cast to the compute type inside the graph.</summary>
public sealed class TrainableDecoder : IDisposable
{
    private readonly DecoderFamily _family = LlamaFamily.Create();
    private readonly ScalarType _computeType;

    public TrainableDecoder(DecoderConfig config, ScalarType computeType, Generator random)
    {
        _computeType = computeType;
        var tensors = CheckpointTensors.Expected(_family, config);
        Parameters = new FlatParameters([.. tensors.Select(entry => new FlatEntry(entry.Key, entry.Value))], CPU);
        // The forward's own norms are placeholders of the right shape: the context below replaces them by the trained ones.
        Model = new DecoderModel(config, _family, CheckpointTensors.Norms(config).ToDictionary(id => id, id => new NormWeights(Parameters[NormName(id)], null)), computeType, CPU);
        Initialize(config, random);
    }

    public DecoderModel Model { get; }

    public FlatParameters Parameters { get; }

    /// <summary>A context for one step; casts each weight once, inside the graph and in the caller's dispose scope.</summary>
    public AutogradContext NewContext()
    {
        var cast = Parameters.Entries.ToDictionary(entry => entry.Name, entry => Parameters[entry.Name].to(_computeType), StringComparer.Ordinal);
        return new AutogradContext(Model, layer => new LinearWeights(cast[WeightName(layer)], null), norm => new NormWeights(cast[NormName(norm)], null));
    }

    public void Dispose()
    {
        Model.Dispose();
        Parameters.Dispose();
    }

    private string WeightName(LayerId layer) =>
        _family.ModuleName(layer == LayerId.Head && Model.Config.TiedHead ? LayerId.Embedding : layer) + ".weight";

    private string NormName(NormId norm) => _family.NormName(norm) + ".weight";

    // GPT-2's scheme: normal with 0.02, projections into the residual stream smaller by sqrt(2 * blocks); norms at one.
    private void Initialize(DecoderConfig config, Generator random)
    {
        using var grad = no_grad();
        double residual = 0.02 / Math.Sqrt(2.0 * config.Blocks);
        foreach (var entry in Parameters.Entries)
        {
            if (entry.Shape.Length == 1) Parameters[entry.Name].fill_(1);
            else Parameters[entry.Name].normal_(0, entry.Name.Contains("o_proj", StringComparison.Ordinal) || entry.Name.Contains("down_proj", StringComparison.Ordinal) ? residual : 0.02, random);
        }
    }
}
