using Studio.Core.Adapters;
using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Core.Clients;

/// <summary>Weight [out, in] and optional bias [out] of one unfused layer in an autograd graph.</summary>
public readonly record struct LinearWeights(Tensor Weight, Tensor? Bias);

/// <summary>
/// The same forward in one uncut autograd graph over weights that may be trainable themselves: the reference that split execution is
/// compared with, and the trainer of whole models.
/// </summary>
public sealed class AutogradContext : AdaptedContext
{
    private readonly DecoderConfig _config;
    private readonly Func<LayerId, LinearWeights> _weights;
    private readonly Func<NormId, NormWeights>? _norms;

    /// <summary>Creates the context.</summary>
    /// <param name="model">The forward's shapes and names.</param>
    /// <param name="weights">Weights of an unfused layer, in the compute type.</param>
    /// <param name="norms">Weights of a norm where they are trained too; null = the model's own.</param>
    /// <param name="adapter">An adapter, or null.</param>
    /// <param name="random">The client's generator for dropout; null turns dropout off.</param>
    public AutogradContext(DecoderModel model, Func<LayerId, LinearWeights> weights, Func<NormId, NormWeights>? norms = null, IAdapter? adapter = null, Generator? random = null)
        : base(model.Modules, [Bind(adapter, random)])
    {
        _config = model.Config;
        _weights = weights;
        _norms = norms;
    }

    /// <inheritdoc/>
    public override Tensor Cut(Tensor x) => x;

    /// <inheritdoc/>
    public override Tensor Normalize(NormId id, Norm norm, Tensor x) =>
        _norms is null ? base.Normalize(id, norm, x) : norm.Apply(x, _norms(id));

    /// <inheritdoc/>
    protected override LayerDescription Describe(LayerId layer) => _config.Describe(layer);

    /// <inheritdoc/>
    protected override Tensor BaseCall(LayerId layer, Tensor x, RowGroups? rowGroups)
    {
        if (rowGroups is not null) return OverExperts(layer, x, rowGroups);
        var description = _config.Describe(layer);
        if (layer == LayerId.Embedding)
        {
            var rows = _weights(layer).Weight.index_select(0, x);
            return description.Scale == 1 ? rows : rows * description.Scale;
        }
        var outputs = description.Parts.Select(part =>
        {
            var (weight, bias) = _weights(part.Layer);
            return nn.functional.linear(x, weight, bias);
        }).ToList();
        return outputs.Count == 1 ? outputs[0] : cat(outputs, 1);
    }

    private Tensor OverExperts(LayerId layer, Tensor x, RowGroups groups)
    {
        var rows = x.split([.. groups.Counts.Select(count => (long)count)], 0);
        return cat([.. Enumerable.Range(0, rows.Length).Where(expert => groups.Counts[expert] > 0)
            .Select(expert => BaseCall(layer with { Expert = expert }, rows[expert], null))], 0);
    }

    private static AdapterBinding? Bind(IAdapter? adapter, Generator? random)
    {
        if (adapter is null) return null;
        var pass = new AdapterPass(random is not null, random, x => x);
        adapter.BeginPass(pass);
        return new AdapterBinding(adapter, pass);
    }
}
