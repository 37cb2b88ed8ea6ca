using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Core.Execution;

/// <summary>Base layers without a service: every call runs at once in the caller's thread. Does not own the layers.</summary>
public sealed class DirectBaseLayers(FrozenLayers layers) : IBaseLayers, IBaseWeights
{
    /// <inheritdoc/>
    public LayerDescription Describe(LayerId layer) => layers.Describe(layer);

    /// <inheritdoc/>
    public Tensor Forward(LayerId layer, Tensor x, RowGroups? rowGroups = null, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        BaseCallCheck.Require(layers.Describe(layer), CallDirection.Forward, x, layers, casts: false);
        using var grad = no_grad();
        return layers.Forward(layer, x, rowGroups);
    }

    /// <inheritdoc/>
    public Tensor Backward(LayerId layer, Tensor dy, RowGroups? rowGroups = null, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        BaseCallCheck.Require(layers.Describe(layer), CallDirection.Backward, dy, layers, casts: false);
        using var grad = no_grad();
        return layers.Backward(layer, dy, rowGroups);
    }

    /// <inheritdoc/>
    public IDisposable BeginPass(PassKind kind, CancellationToken ct = default) => EmptyPass.Instance;

    /// <inheritdoc/>
    public Tensor RowNorms(LayerId layer) => layers.Weight(layer).RowNorms();

    /// <inheritdoc/>
    public Tensor Rows(LayerId layer, Tensor ids)
    {
        using var rows = layers.Weight(layer).Rows(ids);
        return rows.to(ScalarType.Float32, copy: true);
    }

    /// <inheritdoc/>
    public Tensor Weight(LayerId layer) => layers.Weight(layer).ToDense();

    /// <inheritdoc/>
    public Tensor? Bias(LayerId layer) => layers.Weight(layer).ToDenseBias();

    /// <summary>Nothing to release: the layers have another owner.</summary>
    public void Dispose()
    {
    }

    private sealed class EmptyPass : IDisposable
    {
        public static readonly EmptyPass Instance = new();

        public void Dispose()
        {
        }
    }
}
