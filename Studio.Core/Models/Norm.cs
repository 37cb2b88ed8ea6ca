using Studio.Core.Tensors;
using Studio.Core.Tensors.Kernels;
using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>One frozen norm of the model: its formula and its weights (held by the client side, never by the executor).</summary>
public sealed class Norm : IDisposable
{
    private readonly NormKind _kind;
    private readonly double _epsilon;
    private readonly bool _unitOffset;
    private readonly NormWeights _effective;

    /// <summary>Takes ownership of the weights.</summary>
    /// <param name="kind">The formula.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="unitOffset">Whether 1 + weight is multiplied.</param>
    public Norm(NormKind kind, NormWeights weights, double epsilon, bool unitOffset = false)
    {
        _kind = kind;
        _epsilon = epsilon;
        _unitOffset = unitOffset;
        Weights = weights;
        using var scope = NewDisposeScope();
        _effective = unitOffset ? weights with { Weight = Offset(weights.Weight).Owned() } : weights;
        if (kind == NormKind.Rms && weights.Bias is null && weights.Weight.dim() == 1) Written = new RmsNormOperation(_effective.Weight, epsilon);
    }

    /// <summary>The frozen weights as the checkpoint holds them.</summary>
    public NormWeights Weights { get; }

    /// <summary>Applies the norm with its own weights to x [rows, width].</summary>
    public Tensor Apply(Tensor x) => Formula(x, _effective);

    /// <summary>Applies the formula with other weights, cast to x's type.</summary>
    public Tensor Apply(Tensor x, NormWeights other)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Formula(x, Effective(other, x.dtype));
    }

    /// <summary>The same with its derivative written out, or null where the norm has another formula.</summary>
    public WrittenOperation? Written { get; }

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        if (_unitOffset) _effective.Weight.Dispose();
        Weights.Weight.Dispose();
        Weights.Bias?.Dispose();
    }

    private Tensor Formula(Tensor x, NormWeights weights)
    {
        // A weight per head: the last dimension is normalised, each head multiplied by its own weight.
        bool ownHeads = weights.Weight.dim() > 1;
        var weight = ownHeads ? null : weights.Weight;
        var bias = ownHeads ? null : weights.Bias;
        var y = _kind != NormKind.Rms ? nn.functional.layer_norm(x, [x.size(-1)], weight, bias, _epsilon)
            : weight is null || weight.dtype == x.dtype ? ScriptKernels.RmsNorm(x, weight, _epsilon)
            : ScriptKernels.RmsNorm(x.to(weight.dtype), weight, _epsilon).to(x.dtype);
        if (!ownHeads) return y;
        y = y * weights.Weight;
        return weights.Bias is null ? y : y + weights.Bias;
    }

    private NormWeights Effective(NormWeights weights, ScalarType type)
    {
        var weight = weights.Weight.dtype == type ? weights.Weight : weights.Weight.to(type);
        var bias = weights.Bias is null || weights.Bias.dtype == type ? weights.Bias : weights.Bias.to(type);
        return new NormWeights(_unitOffset ? Offset(weight) : weight, bias);
    }

    // Gemma multiplies in fp32 before it rounds: 1 + w in bf16 would lose most of w. Nemotron rounds first.
    private Tensor Offset(Tensor weight) => (_kind == NormKind.Rms ? weight.to(weight.dtype.AtLeastSingle()) : weight) + 1;
}
