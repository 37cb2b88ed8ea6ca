using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Methods;

/// <summary>Rotations written out as whole matrices, element by element.</summary>
internal static class RotationFormulas
{
    /// <summary>Skew-symmetric matrix of an upper triangle, row by row.</summary>
    public static Tensor Skew(float[] upper, int size)
    {
        var values = new double[size, size];
        int next = 0;
        for (int row = 0; row < size; row++)
            for (int column = row + 1; column < size; column++, next++) (values[row, column], values[column, row]) = (upper[next], -upper[next]);
        return tensor(values);
    }

    /// <summary>(I - Q)(I + Q)^-1.</summary>
    public static Tensor Cayley(Tensor skew)
    {
        var one = eye(skew.size(0), dtype: ScalarType.Float64);
        return (one - skew).matmul(linalg.inv(one + skew));
    }

    /// <summary>Blocks along the diagonal.</summary>
    public static Tensor BlockDiagonal(IReadOnlyList<Tensor> blocks)
    {
        long size = blocks[0].size(0);
        var whole = zeros([size * blocks.Count, size * blocks.Count], dtype: ScalarType.Float64);
        for (int i = 0; i < blocks.Count; i++) whole.narrow(0, i * size, size).narrow(1, i * size, size).copy_(blocks[i]);
        return whole;
    }

    /// <summary>Largest difference of two matrices.</summary>
    public static double Difference(Tensor a, Tensor b) => a.to(ScalarType.Float64).sub(b.to(ScalarType.Float64)).abs().max().item<double>();
}
