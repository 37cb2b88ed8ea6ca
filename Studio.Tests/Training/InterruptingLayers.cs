using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Tests.Training;

/// <summary>How a step is kept from completing.</summary>
public enum Interruption
{
    /// <summary>Its owner abandons it.</summary>
    Abandoned,

    /// <summary>The base fails.</summary>
    BaseFails,

    /// <summary>The base answers with what is no number.</summary>
    NotANumber,
}

/// <summary>Passes calls on to other base layers, and interrupts a step at the call where it is told to.</summary>
internal sealed class InterruptingLayers(IBaseLayers inner) : IBaseLayers
{
    private CancellationTokenSource _abandoned = new();
    private Interruption _kind;
    private int _at;

    /// <summary>Calls since the last <see cref="Interrupt"/>.</summary>
    public int Calls { get; private set; }

    /// <summary>What the next step is abandoned by.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>Counts calls from here on and interrupts at one of them, from 1; 0 = at none.</summary>
    public void Interrupt(Interruption kind, int at)
    {
        _abandoned.Dispose();
        _abandoned = new CancellationTokenSource();
        (_kind, _at, Calls) = (kind, at, 0);
    }

    public LayerDescription Describe(LayerId layer) => inner.Describe(layer);

    public Tensor Forward(LayerId layer, Tensor x, RowGroups? rowGroups = null, CancellationToken ct = default) => Answer(() => inner.Forward(layer, x, rowGroups, ct));

    public Tensor Backward(LayerId layer, Tensor dy, RowGroups? rowGroups = null, CancellationToken ct = default) => Answer(() => inner.Backward(layer, dy, rowGroups, ct));

    public IDisposable BeginPass(PassKind kind, CancellationToken ct = default) => inner.BeginPass(kind, ct);

    public void Dispose()
    {
        _abandoned.Dispose();
        inner.Dispose();
    }

    private Tensor Answer(Func<Tensor> call)
    {
        bool here = ++Calls == _at;
        if (here && _kind == Interruption.Abandoned) _abandoned.Cancel();
        if (here && _kind == Interruption.BaseFails) throw new InvalidOperationException("The test base fails.");
        var y = call();
        if (here && _kind == Interruption.NotANumber)
        {
            using var grad = no_grad();
            y.fill_(double.NaN);
        }
        return y;
    }
}
