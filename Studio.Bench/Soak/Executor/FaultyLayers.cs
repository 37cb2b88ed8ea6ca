using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Bench.Soak.Executor;

/// <summary>A client's door that fails on the client's side at a chosen call, as a defect of the client would.</summary>
/// <param name="inner">The true door.</param>
/// <param name="callsUntilFault">Calls that pass before the one that fails.</param>
internal sealed class FaultyLayers(IBaseLayers inner, int callsUntilFault) : IBaseLayers
{
    private int _left = callsUntilFault;

    /// <summary>What it throws.</summary>
    public sealed class Fault : Exception;

    public LayerDescription Describe(LayerId layer) => inner.Describe(layer);

    public Tensor Forward(LayerId layer, Tensor x, RowGroups? rowGroups = null, CancellationToken ct = default)
    {
        Count();
        return inner.Forward(layer, x, rowGroups, ct);
    }

    public Tensor Backward(LayerId layer, Tensor dy, RowGroups? rowGroups = null, CancellationToken ct = default)
    {
        Count();
        return inner.Backward(layer, dy, rowGroups, ct);
    }

    public IDisposable BeginPass(PassKind kind, CancellationToken ct = default) => inner.BeginPass(kind, ct);

    public void Dispose() => inner.Dispose();

    private void Count()
    {
        if (_left-- == 0) throw new Fault();
    }
}
