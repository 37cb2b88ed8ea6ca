using static TorchSharp.torch;

namespace Studio.Core.Tensors.Kernels;

/// <summary>
/// An operation of the client's side whose derivative is written out instead of recorded: one pass over memory where autograd makes many. Works on tensors for which
/// <see cref="RowLoop.Suits"/> holds; results belong to the caller's dispose scope. What it computes is the same formula as the recorded form, rounded once instead of
/// after each of its parts.
/// </summary>
public abstract class WrittenOperation
{
    /// <summary>Whether <see cref="Backward"/> is there; an operation without one serves inference alone.</summary>
    public virtual bool HasDerivative => true;

    /// <summary>y of x.</summary>
    public abstract Tensor Forward(Tensor x);

    /// <summary>The gradient of x.</summary>
    /// <param name="x">As in <see cref="Forward"/>.</param>
    /// <param name="y">What <see cref="Forward"/> made of it.</param>
    /// <param name="dy">The gradient of y.</param>
    /// <param name="sum">A gradient that x has already: it is added to in place and returned. Null for a new one.</param>
    public abstract Tensor Backward(Tensor x, Tensor y, Tensor dy, Tensor? sum);
}
