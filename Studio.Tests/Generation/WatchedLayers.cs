using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Tests.Generation;

/// <summary>Passes calls on and tells of each forward.</summary>
internal class WatchedLayers(IBaseLayers inner, Action<LayerId> onForward) : IBaseLayers
{
    public LayerDescription Describe(LayerId layer) => inner.Describe(layer);

    public Tensor Forward(LayerId layer, Tensor x, RowGroups? rowGroups = null, CancellationToken ct = default)
    {
        onForward(layer);
        return inner.Forward(layer, x, rowGroups, ct);
    }

    public Tensor Backward(LayerId layer, Tensor dy, RowGroups? rowGroups = null, CancellationToken ct = default) => inner.Backward(layer, dy, rowGroups, ct);

    public IDisposable BeginPass(PassKind kind, CancellationToken ct = default) => inner.BeginPass(kind, ct);

    public void Dispose() => inner.Dispose();
}

/// <summary>Fails one call of a layer, the nth.</summary>
internal sealed class FailOnce : WatchedLayers
{
    private readonly Counter _counter;

    public FailOnce(IBaseLayers inner, LayerId layer, int call)
        : this(inner, new Counter(layer, call))
    {
    }

    private FailOnce(IBaseLayers inner, Counter counter)
        : base(inner, counter.Count) => _counter = counter;

    public bool HasFailed => _counter.HasFailed;

    private sealed class Counter(LayerId failing, int call)
    {
        private int _calls;

        public bool HasFailed { get; private set; }

        public void Count(LayerId layer)
        {
            if (layer != failing || ++_calls != call) return;
            HasFailed = true;
            throw new InvalidOperationException("The test base fails once.");
        }
    }
}
