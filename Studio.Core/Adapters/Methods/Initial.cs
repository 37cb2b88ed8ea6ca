using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>Starting values that several methods share. Called without gradients, in a dispose scope.</summary>
internal static class Initial
{
    /// <summary>Uniform in +-1 / sqrt(columns): PyTorch's Kaiming initialisation with a = sqrt 5, which is PEFT's usual one.</summary>
    public static void KaimingUniform(Tensor values, Generator random) => Uniform(values, values.shape[1], random);

    /// <summary>Uniform in +-1 / sqrt(inputs), for values whose shape does not show how many inputs they add up.</summary>
    public static void Uniform(Tensor values, long inputs, Generator random)
    {
        double bound = 1 / Math.Sqrt(inputs);
        values.uniform_(-bound, bound, random);
    }

    /// <summary>Bound of PyTorch's Kaiming-uniform distribution with gain sqrt 2, in the reference's order of operations: seeds must give the same bits.</summary>
    public static double KaimingBound(long fanIn) => Math.Sqrt(3.0) * (Math.Sqrt(2.0) / Math.Sqrt(fanIn));
}
