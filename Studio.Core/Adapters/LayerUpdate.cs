using Studio.Core.Models;
using Studio.Core.Tensors.Kernels;
using static TorchSharp.torch;

namespace Studio.Core.Adapters;

/// <summary>A module and the columns of a base call's output that are its own.</summary>
/// <param name="Module">The module; null where the columns belong to none that adapters know.</param>
/// <param name="Offset">First column.</param>
/// <param name="Width">Columns.</param>
public readonly record struct PlacedModule(ModuleTarget? Module, int Offset, int Width);

/// <summary>
/// An adapter that can change the output of a whole base call (q, k and v; gate and up) at once, y += f(x), in training with the derivative written out instead of
/// recorded: the same numbers with a third of the operations. What it leaves alone goes through <see cref="IAdapter.ChangeOutput"/>.
/// </summary>
public interface ILayerUpdates
{
    /// <summary>The update of one call in a pass, or null where <see cref="IAdapter.ChangeOutput"/> shall do it.</summary>
    LayerUpdate? UpdateOf(IReadOnlyList<PlacedModule> parts, AdapterPass pass);
}

/// <summary>One use of an update. What it keeps from the forward for the backward is its own and goes with it.</summary>
public abstract class LayerUpdate : IDisposable
{
    /// <summary>Adds f(x) to y in place. Runs without gradients, in a dispose scope.</summary>
    /// <param name="x">[rows, in].</param>
    /// <param name="y">[rows, out], all parts of the call; nobody else holds it.</param>
    public abstract void Add(Tensor x, Tensor y);

    /// <summary>f as a sum of low-rank terms, for the few rows of a decode pass, where the updates of all adapters are added together; empty where it is more than that.</summary>
    public virtual IReadOnlyList<LowRankTerm> Terms => [];

    /// <summary>Adds to the gradients of the adapter's tensors, and to dx what reaches the input through f. Runs without gradients, in a dispose scope.</summary>
    /// <param name="x">As in <see cref="Add"/>.</param>
    /// <param name="dy">[rows, out].</param>
    /// <param name="dx">[rows, in], changed in place; null where nobody wants it.</param>
    public abstract void Backpropagate(Tensor x, Tensor dy, Tensor? dx);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what was kept.</summary>
    protected abstract void Dispose(bool disposing);
}
