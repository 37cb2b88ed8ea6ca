using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Bench.Measure;

/// <summary>A second copy of a base's weights for one uncut autograd graph: the base itself hands out none that can be used in place.</summary>
internal sealed class UncutWeights : IDisposable
{
    private readonly Dictionary<FrozenWeight, LinearWeights> _copies = new(ReferenceEqualityComparer.Instance);
    private readonly BaseModel _model;

    /// <summary>Copies every projection once; a tied head shares the embedding's.</summary>
    public UncutWeights(BaseModel model)
    {
        _model = model;
        foreach (var layer in model.Config.WeightLayers())
        {
            var weight = model.Layers.Weight(layer);
            if (_copies.ContainsKey(weight)) continue;
            using var scope = NewDisposeScope();
            _copies[weight] = new LinearWeights(weight.ToDense().to(model.ComputeType).Owned(), weight.ToDenseBias()?.to(model.ComputeType).Owned());
        }
    }

    /// <summary>The weights of an unfused layer.</summary>
    public LinearWeights Of(LayerId layer) => _copies[_model.Layers.Weight(layer)];

    /// <summary>Frees the copies.</summary>
    public void Dispose()
    {
        foreach (var (weight, bias) in _copies.Values)
        {
            weight.Dispose();
            bias?.Dispose();
        }
    }
}
