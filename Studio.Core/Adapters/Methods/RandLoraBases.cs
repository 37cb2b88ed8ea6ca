using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// RandLoRA's random bases, A [r, 1, smaller side] and B [larger side, n, r] with n = ceil(smaller side / r), scaled to a standard deviation of 1
/// (PEFT <c>RandLoraModel</c>). Drawn on the CPU, A first, then B.
/// </summary>
internal static class RandLoraBases
{
    /// <summary>Number of bases that span a rank of <paramref name="side"/>.</summary>
    public static int Count(int side, int rank) => (side + rank - 1) / rank;

    /// <summary>Draws A and B for the largest outputs and inputs of all modules. Called in a dispose scope.</summary>
    public static (Tensor A, Tensor B) Draw(RandLoraSpec spec, int outputs, int inputs)
    {
        int smaller = Math.Min(outputs, inputs), larger = Math.Max(outputs, inputs), count = Count(smaller, spec.Rank);
        using var random = new Generator((ulong)spec.ProjectionSeed);
        if (spec.IsSparse || spec.IsVerySparse)
        {
            double sparsity = spec.IsVerySparse ? Math.Sqrt(smaller) : 3;
            var thin = Ternary(rand([spec.Rank, 1, smaller], dtype: ScalarType.Float32, generator: random), sparsity);
            return (thin, Ternary(rand([larger, count, spec.Rank], dtype: ScalarType.Float32, generator: random), sparsity));
        }
        var a = Uniform([spec.Rank, 1, smaller], smaller, random);
        var b = cat([.. Enumerable.Range(0, count).Select(_ => Uniform([larger, 1, spec.Rank], spec.Rank, random))], 1);
        return (a / a.std(), b / b.std());
    }

    // Kaiming with a = sqrt 5, drawn in bf16 as the reference does; its order of operations, for the same bits.
    private static Tensor Uniform(long[] shape, long fanIn, Generator random)
    {
        double slope = Math.Sqrt(5), bound = Math.Sqrt(3.0) * (Math.Sqrt(2.0 / (1 + slope * slope)) / Math.Sqrt(fanIn));
        return empty(shape, dtype: ScalarType.BFloat16).uniform_(-bound, bound, random);
    }

    private static Tensor Ternary(Tensor drawn, double sparsity)
    {
        double share = 1 / (2 * sparsity);
        var signs = drawn.greater(1 - share).to(ScalarType.Float32) - drawn.less(share).to(ScalarType.Float32);
        return signs / signs.std();
    }
}
