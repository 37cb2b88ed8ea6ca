using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// Rotations of neighbouring features, block by block: R = I + C. The change C is kept apart from I, because R in bf16 would round small rotations away.
/// </summary>
internal static class BlockRotation
{
    /// <summary>Skew-symmetric matrices [blocks, size, size] from their upper triangles, row by row [blocks, size * (size - 1) / 2]: +v above, -v below the diagonal.</summary>
    public static Tensor Skew(Tensor upper, int size)
    {
        long count = upper.size(1);
        var places = new long[size * size]; // of every element in (v, -v, 0)
        Array.Fill(places, 2 * count);
        for (int row = 0, next = 0; row < size; row++)
        {
            for (int column = row + 1; column < size; column++, next++)
            {
                places[row * size + column] = next;
                places[column * size + row] = count + next;
            }
        }
        var zero = zeros([upper.size(0), 1], dtype: upper.dtype, device: upper.device);
        return cat([upper, -upper, zero], 1).index_select(1, tensor(places, dtype: ScalarType.Int64, device: upper.device)).view(-1, size, size);
    }

    /// <summary>C of the Cayley transform (I - Q)(I + Q)^-1 = I - 2 Q (I + Q)^-1 of skew-symmetric Q, which is orthogonal.</summary>
    public static Tensor Cayley(Tensor skew) => skew.matmul(linalg.inv(skew + eye(skew.size(-1), dtype: skew.dtype, device: skew.device))) * -2;

    /// <summary>x R for x [rows, features], C [blocks, size, size], or [1, size, size] for the same rotation in every block.</summary>
    public static Tensor Apply(Tensor x, Tensor change)
    {
        long size = change.size(-1);
        var parts = x.reshape(-1, x.size(1) / size, size);                                   // [rows, blocks, size]
        var turned = change.size(0) == 1 ? parts.matmul(change.to(x.dtype).squeeze(0))
            : parts.transpose(0, 1).bmm(change.to(x.dtype)).transpose(0, 1);
        return x + turned.reshape(x.shape);
    }

    /// <summary>Multiplicative dropout (PEFT <c>MultiplicativeDropoutLayer</c>): in training, a share p of the blocks, rounded down, keeps still. C [blocks, size, size].</summary>
    public static Tensor Dropout(Tensor change, double p, AdapterPass pass)
    {
        long blocks = change.size(0), still = (long)(p * blocks);
        if (!pass.Training || still == 0 || blocks == 1) return change;
        var moves = randperm(blocks, device: change.device, generator: pass.Random).ge(still);
        return change * moves.to(change.dtype).view(-1, 1, 1);
    }
}
