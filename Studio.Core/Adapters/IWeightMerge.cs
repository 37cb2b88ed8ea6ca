using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Core.Adapters;

/// <summary>Implemented by methods whose effect on a projection can be written into its weight (PEFT <c>merge_and_unload</c>).</summary>
public interface IWeightMerge
{
    /// <summary>The weight that acts like base and adapter together.</summary>
    /// <param name="module">The projection.</param>
    /// <param name="weight">Its base weight, [out, in] fp32; not changed.</param>
    /// <returns>A new tensor [out, in] fp32; equal to <paramref name="weight"/> where the adapter does not act on the module.</returns>
    Tensor Merge(ModuleTarget module, Tensor weight);
}
