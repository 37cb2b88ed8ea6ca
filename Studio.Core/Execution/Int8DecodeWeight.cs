using Studio.Core.Tensors;
using Studio.Core.Tensors.Kernels;
using static TorchSharp.torch;

namespace Studio.Core.Execution;

/// <summary>
/// A weight with a copy of 8 bits an element and a scale a row, for the single rows of decode passes: they are bound by reading weights. Every other
/// product is the exact weight's.
/// </summary>
public sealed class Int8DecodeWeight : FrozenWeight
{
    private const int Largest = 127;

    // The kernel takes columns in vectors and rows four at a time.
    private const int ColumnStep = 32, RowStep = 4;

    // As fp32 the rows in work are a small part of a weight.
    private const int RowsAtOnce = 2048;

    private readonly FrozenWeight _exact;
    private readonly Tensor _values;
    private readonly Tensor _scales;
    private readonly Tensor? _bias;

    /// <summary>Takes ownership of a weight in CPU memory, for which <see cref="Suits"/> is true.</summary>
    public Int8DecodeWeight(FrozenWeight exact)
    {
        ArgumentNullException.ThrowIfNull(exact);
        if (!Suits(exact)) throw new ArgumentException($"The weight is [{exact.Outputs}, {exact.Inputs}]; expected multiples of {RowStep} and {ColumnStep}.", nameof(exact));
        _exact = exact;
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        _values = empty([Outputs, Inputs], dtype: ScalarType.Int8).Owned();
        _scales = empty([Outputs], dtype: ComputeType).Owned();
        _bias = exact.ToDenseBias()?.to(ComputeType).Owned();
        for (int first = 0; first < Outputs; first += RowsAtOnce) Quantize(first, Math.Min(RowsAtOnce, Outputs - first));
    }

    /// <inheritdoc/>
    public override int Inputs => _exact.Inputs;

    /// <inheritdoc/>
    public override int Outputs => _exact.Outputs;

    /// <inheritdoc/>
    public override ScalarType ComputeType => _exact.ComputeType;

    /// <inheritdoc/>
    public override long Bytes => _exact.Bytes + _values.ByteCount() + _scales.ByteCount() + (_bias?.ByteCount() ?? 0);

    /// <summary>Whether the kernel takes a weight of this shape.</summary>
    public static bool Suits(FrozenWeight weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        return weight.Inputs % ColumnStep == 0 && weight.Outputs % RowStep == 0;
    }

    /// <inheritdoc/>
    public override Tensor Multiply(Tensor x) => _exact.Multiply(x);

    /// <inheritdoc/>
    public override Tensor MultiplyToDecode(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (FewRowsProduct.SuitsScaled(x))
        {
            var own = empty(x.size(0), Outputs, dtype: ComputeType);
            FewRowsProduct.RunScaled(x, _values, _scales, _bias, own);
            return own;
        }
        var y = ScriptKernels.Int8Multiply(x, _values, _scales);
        if (_bias is not null) y.add_(_bias);
        return y;
    }

    /// <inheritdoc/>
    public override bool SuitsSlices(Tensor x, bool decodes) => !decodes && _exact.SuitsSlices(x, decodes);

    /// <inheritdoc/>
    public override void MultiplyInto(Tensor x, Tensor y) => _exact.MultiplyInto(x, y);

    /// <inheritdoc/>
    public override Tensor MultiplyTransposed(Tensor dy) => _exact.MultiplyTransposed(dy);

    /// <inheritdoc/>
    public override void AddMultiplyTransposed(Tensor dy, Tensor dx) => _exact.AddMultiplyTransposed(dy, dx);

    /// <inheritdoc/>
    public override Tensor Rows(Tensor ids) => _exact.Rows(ids);

    /// <inheritdoc/>
    public override Tensor RowNorms() => _exact.RowNorms();

    /// <inheritdoc/>
    public override Tensor ToDense() => _exact.ToDense();

    /// <inheritdoc/>
    public override Tensor? ToDenseBias() => _exact.ToDenseBias();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _values.Dispose();
        _scales.Dispose();
        _bias?.Dispose();
        _exact.Dispose();
    }

    private void Quantize(int first, int count)
    {
        using var scope = NewDisposeScope();
        var rows = _exact.Rows(arange(first, first + count, dtype: ScalarType.Int64)).to(ScalarType.Float32);
        // The values are rounded for the scale as it is stored, so that its own rounding costs nothing.
        var scales = (rows.abs().amax([1]) / Largest).clamp_min(1e-30).to(ComputeType);
        _scales.narrow(0, first, count).copy_(scales);
        _values.narrow(0, first, count).copy_((rows / scales.to(ScalarType.Float32).unsqueeze(1)).round_().clamp_(-Largest, Largest));
    }
}
