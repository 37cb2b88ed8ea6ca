using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>Starting values that several methods share. Called without gradients, in a dispose scope.</summary>
internal static class Initial
{
    /// <summary>Uniform in +-1 / sqrt(columns): PyTorch's Kaiming initialisation with a = sqrt 5, which is PEFT's usual one.</summary>
    public static void KaimingUniform(Tensor values, Generator random)
    {
        double bound = 1 / Math.Sqrt(values.shape[1]);
        values.uniform_(-bound, bound, random);
    }

    /// <summary>Bound of PyTorch's Kaiming-uniform distribution with gain sqrt 2, in the reference's order of operations: seeds must give the same bits.</summary>
    public static double KaimingBound(long fanIn) => Math.Sqrt(3.0) * (Math.Sqrt(2.0) / Math.Sqrt(fanIn));
}
