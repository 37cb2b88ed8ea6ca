using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Composition;

/// <summary>A low-rank change of one module's weight: dW = scale * B A.</summary>
/// <param name="A">[r, in]; the adapter's own or in the caller's dispose scope.</param>
/// <param name="B">[out, r]; likewise.</param>
/// <param name="Scale">Factor.</param>
public readonly record struct LowRankFactors(Tensor A, Tensor B, double Scale);

/// <summary>Implemented by adapters whose whole effect is a low-rank change of weights: they can be combined factor by factor.</summary>
public interface ILowRankUpdate
{
    /// <summary>Why the factors are not the whole effect (DoRA's magnitudes, biases, ...), or null where they are.</summary>
    string? WhyNotLowRank { get; }

    /// <summary>The modules it changes.</summary>
    IReadOnlyList<ModuleTarget> Changed { get; }

    /// <summary>The factors of one of them.</summary>
    LowRankFactors FactorsOf(ModuleTarget module);
}
