using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>One frozen norm of the model: its formula and its weights (held by the client side, never by the executor).</summary>
public sealed class Norm(NormKind kind, NormWeights weights, double epsilon)
{
    /// <summary>The frozen weights, [hidden].</summary>
    public NormWeights Weights => weights;

    /// <summary>Applies the norm with its own weights to x [rows, hidden].</summary>
    public Tensor Apply(Tensor x) => Apply(x, weights);

    /// <summary>Applies the formula with other weights, cast to x's type.</summary>
    public Tensor Apply(Tensor x, NormWeights other)
    {
        var weight = other.Weight.dtype == x.dtype ? other.Weight : other.Weight.to(x.dtype);
        if (kind == NormKind.Rms) return ScriptKernels.RmsNorm(x, weight, epsilon);
        var bias = other.Bias is null || other.Bias.dtype == x.dtype ? other.Bias : other.Bias.to(x.dtype);
        return nn.functional.layer_norm(x, [x.size(-1)], weight, bias, epsilon);
    }
}
