using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Training;

/// <summary>Gradient clipping over all tensors of an adapter at once.</summary>
public static class GradientClipping
{
    private const double Epsilon = 1e-6;

    /// <summary>The Euclidean norm of all collected gradients.</summary>
    public static double GlobalNorm(FlatParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        using var norm = parameters.Gradients.norm();
        return norm.item<float>();
    }

    /// <summary>
    /// Scales the gradients so that their Euclidean norm is at most <paramref name="maximum"/>
    /// (<c>torch.nn.utils.clip_grad_norm_</c>: factor = maximum / (norm + 1e-6), never above 1).
    /// </summary>
    /// <param name="parameters">Their collected gradients are scaled in place.</param>
    /// <param name="maximum">Largest norm; 0 or infinity leaves the gradients as they are.</param>
    /// <returns>The norm before clipping. Where it is not finite nothing was scaled: the caller must not step.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The maximum is negative or not a number.</exception>
    public static double ClipGlobalNorm(FlatParameters parameters, double maximum)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (double.IsNaN(maximum) || maximum < 0)
            throw new ArgumentOutOfRangeException(nameof(maximum), maximum, "The largest gradient norm must be 0 (off) or above.");
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        double norm = GlobalNorm(parameters);
        if (maximum > 0 && double.IsFinite(norm) && norm + Epsilon > maximum) parameters.Gradients.mul_((float)(maximum / (norm + Epsilon)));
        return norm;
    }
}
