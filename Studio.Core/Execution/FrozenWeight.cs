using Studio.Core.Tensors;
using Studio.Core.Tensors.Kernels;
using static TorchSharp.torch;

namespace Studio.Core.Execution;

/// <summary>
/// One frozen weight W [out, in] behind the few products a base needs, so that nobody else knows how it is stored. Implementations are
/// immutable and safe to use from many threads. Results belong to the caller.
/// </summary>
public abstract class FrozenWeight : IDisposable
{
    /// <summary>Columns of W.</summary>
    public abstract int Inputs { get; }

    /// <summary>Rows of W.</summary>
    public abstract int Outputs { get; }

    /// <summary>Type of x and y.</summary>
    public abstract ScalarType ComputeType { get; }

    /// <summary>Bytes the weight takes (mapped or private).</summary>
    public abstract long Bytes { get; }

    /// <summary>x W^T + b: [rows, in] to [rows, out].</summary>
    public abstract Tensor Multiply(Tensor x);

    /// <summary>x W^T + b of the one row of a decode pass, [1, in] to [1, out]; may be less exact than <see cref="Multiply"/>.</summary>
    public virtual Tensor MultiplyToDecode(Tensor x) => Multiply(x);

    /// <summary>x W^T + b written into y [rows, out], which may be a column slice of a wider tensor.</summary>
    public abstract void MultiplyInto(Tensor x, Tensor y);

    /// <summary>Whether <see cref="MultiplyInto"/> a slice is at least as fast as a product of its own and copying the result there.</summary>
    /// <param name="x">[rows, in].</param>
    /// <param name="decodes">Whether the product of its own would be <see cref="MultiplyToDecode"/>.</param>
    public abstract bool SuitsSlices(Tensor x, bool decodes);

    /// <summary>dy W: [rows, out] to [rows, in].</summary>
    public abstract Tensor MultiplyTransposed(Tensor dy);

    /// <summary>Adds dy W to dx [rows, in].</summary>
    public abstract void AddMultiplyTransposed(Tensor dy, Tensor dx);

    /// <summary>Rows of W by id in the compute type: ids [n] to [n, in].</summary>
    public abstract Tensor Rows(Tensor ids);

    /// <summary>Euclidean norm of every row, [out] fp32.</summary>
    public abstract Tensor RowNorms();

    /// <summary>A copy of W, [out, in] fp32.</summary>
    public abstract Tensor ToDense();

    /// <summary>A copy of b, [out] fp32, or null.</summary>
    public abstract Tensor? ToDenseBias();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the storage.</summary>
    protected abstract void Dispose(bool disposing);
}

/// <summary>A weight stored in its compute type: the mapped file itself where types agree, else a converted private copy.</summary>
public sealed class DenseWeight : FrozenWeight
{
    // From so many rows on torch's product into a slice is faster than one of its own and a copy (measured on CPU).
    private const int SliceRows = 32;

    private readonly Tensor _weight;
    private readonly Tensor _transposed;
    private readonly Tensor? _bias;

    /// <summary>Takes ownership of weight [out, in] and bias [out].</summary>
    public DenseWeight(Tensor weight, Tensor? bias = null)
    {
        _weight = weight;
        _transposed = weight.t().Owned();
        _bias = bias;
        Outputs = checked((int)weight.size(0));
        Inputs = checked((int)weight.size(1));
        ComputeType = weight.dtype;
        Bytes = weight.ByteCount() + (bias?.ByteCount() ?? 0);
    }

    /// <inheritdoc/>
    public override int Inputs { get; }

    /// <inheritdoc/>
    public override int Outputs { get; }

    /// <inheritdoc/>
    public override ScalarType ComputeType { get; }

    /// <inheritdoc/>
    public override long Bytes { get; }

    /// <inheritdoc/>
    public override Tensor Multiply(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (!FewRowsProduct.Suits(x, _weight)) return nn.functional.linear(x, _weight, _bias);
        var y = empty(x.size(0), Outputs, dtype: ComputeType);
        FewRowsProduct.Run(x, _weight, _bias, y);
        return y;
    }

    /// <inheritdoc/>
    public override bool SuitsSlices(Tensor x, bool decodes)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.size(0) >= SliceRows || FewRowsProduct.Suits(x, _weight);
    }

    /// <inheritdoc/>
    public override void MultiplyInto(Tensor x, Tensor y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        if (FewRowsProduct.Suits(x, _weight))
        {
            FewRowsProduct.Run(x, _weight, _bias, y);
            return;
        }
        if (_bias is not null) y.copy_(_bias);
        y.addmm_(x, _transposed, _bias is null ? 0 : 1, 1);
    }

    /// <inheritdoc/>
    public override Tensor MultiplyTransposed(Tensor dy) => mm(dy, _weight);

    /// <inheritdoc/>
    public override void AddMultiplyTransposed(Tensor dy, Tensor dx) => dx.addmm_(dy, _weight);

    /// <inheritdoc/>
    public override Tensor Rows(Tensor ids) => _weight.index_select(0, ids);

    /// <inheritdoc/>
    public override Tensor RowNorms()
    {
        using var wide = _weight.to(ScalarType.Float32);
        return wide.norm(1, keepdim: false, p: 2);
    }

    /// <inheritdoc/>
    public override Tensor ToDense() => _weight.to(ScalarType.Float32, copy: true);

    /// <inheritdoc/>
    public override Tensor? ToDenseBias() => _bias?.to(ScalarType.Float32, copy: true);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _transposed.Dispose();
        _weight.Dispose();
        _bias?.Dispose();
    }
}
