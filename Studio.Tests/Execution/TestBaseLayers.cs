using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Tests.Execution;

/// <summary>Passes calls on to other base layers; notes them and fails where told.</summary>
internal sealed class TestBaseLayers(IBaseLayers inner) : IBaseLayers
{
    public LayerId? FailingForward { get; init; }

    public LayerId? FailingBackward { get; init; }

    public Action<LayerId>? OnBackward { get; init; }

    public List<LayerId> Forwards { get; } = [];

    public LayerDescription Describe(LayerId layer) => inner.Describe(layer);

    public Tensor Forward(LayerId layer, Tensor x, RowGroups? rowGroups = null, CancellationToken ct = default)
    {
        Forwards.Add(layer);
        if (layer == FailingForward) throw new InvalidOperationException("The test base fails.");
        return inner.Forward(layer, x, rowGroups, ct);
    }

    public Tensor Backward(LayerId layer, Tensor dy, RowGroups? rowGroups = null, CancellationToken ct = default)
    {
        OnBackward?.Invoke(layer);
        if (layer == FailingBackward) throw new InvalidOperationException("The test base fails.");
        return inner.Backward(layer, dy, rowGroups, ct);
    }

    public IDisposable BeginPass(PassKind kind, CancellationToken ct = default) => inner.BeginPass(kind, ct);

    public void Dispose() => inner.Dispose();
}
