using Studio.Core.Execution;
using static TorchSharp.torch;

namespace Studio.Tests.Execution;

/// <summary>A weight of another owner whose products can be watched, held up and failed.</summary>
internal sealed class TestWeight(FrozenWeight inner, Action<CallDirection, Tensor> onProduct) : FrozenWeight
{
    public override int Inputs => inner.Inputs;

    public override int Outputs => inner.Outputs;

    public override ScalarType ComputeType => inner.ComputeType;

    public override long Bytes => inner.Bytes;

    public override Tensor Multiply(Tensor x)
    {
        onProduct(CallDirection.Forward, x);
        return inner.Multiply(x);
    }

    public override bool SuitsSlices(Tensor x, bool decodes) => inner.SuitsSlices(x, decodes);

    public override void MultiplyInto(Tensor x, Tensor y)
    {
        onProduct(CallDirection.Forward, x);
        inner.MultiplyInto(x, y);
    }

    public override Tensor MultiplyTransposed(Tensor dy)
    {
        onProduct(CallDirection.Backward, dy);
        return inner.MultiplyTransposed(dy);
    }

    public override void AddMultiplyTransposed(Tensor dy, Tensor dx)
    {
        onProduct(CallDirection.Backward, dy);
        inner.AddMultiplyTransposed(dy, dx);
    }

    public override Tensor Rows(Tensor ids) => inner.Rows(ids);

    public override Tensor RowNorms() => inner.RowNorms();

    public override Tensor ToDense() => inner.ToDense();

    public override Tensor? ToDenseBias() => inner.ToDenseBias();

    protected override void Dispose(bool disposing)
    {
    }
}
