using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Studio.Core.Tensors.Kernels;

/// <summary>
/// Rotary embedding and causal attention of sequences that lie one after the other, [rows, columns] to [rows, heads * width]: from the projection's output as it comes
/// to what the output projection takes. Softmax and sums in fp32; for the backward it keeps one number a row and head.
/// One object for one forward.
/// </summary>
/// <param name="shape">Where the heads lie.</param>
/// <param name="lengths">Rows of each sequence; they do not see each other.</param>
/// <param name="rotary">Angles of the rows; null for no rotation.</param>
public sealed unsafe class CausalAttentionOperation(AttentionShape shape, IReadOnlyList<int> lengths, RotaryAngles? rotary) : WrittenOperation
{
    private float[] _logSums = [];

    /// <summary>Whether it is faster than torch here: the processor has vectors of sixteen numbers.</summary>
    public static bool Suits => Vector512.IsHardwareAccelerated;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        _logSums = new float[shape.Queries.Count * x.size(0)];
        var y = empty(x.size(0), shape.Queries.Count * shape.Width, dtype: x.dtype);
        if (x.dtype == ScalarType.Float32) Forward<float, SingleLanes, float, SingleTiles>(x, y);
        else if (MatrixUnit.Exists) Forward<ushort, BFloat16Lanes, ushort, MatrixUnitTiles>(x, y);
        else Forward<ushort, BFloat16Lanes, float, SingleTiles>(x, y);
        return y;
    }

    /// <inheritdoc/>
    public override Tensor Backward(Tensor x, Tensor y, Tensor dy, Tensor? sum)
    {
        ArgumentNullException.ThrowIfNull(x);
        var dx = empty(x.shape, dtype: x.dtype);
        if (x.dtype == ScalarType.Float32) Backward<float, SingleLanes, float, SingleTiles>(x, y, dy, dx);
        else if (MatrixUnit.Exists) Backward<ushort, BFloat16Lanes, ushort, MatrixUnitTiles>(x, y, dy, dx);
        else Backward<ushort, BFloat16Lanes, float, SingleTiles>(x, y, dy, dx);
        return sum is null ? dx : sum.add_(dx);
    }

    private void Forward<T, TLanes, TPacked, TProducts>(Tensor x, Tensor y)
        where T : unmanaged
        where TLanes : ILanes<T>
        where TPacked : unmanaged
        where TProducts : ITileProducts<TPacked> =>
        new CausalAttentionKernel<T, TLanes, TPacked, TProducts>(shape, lengths, rotary).Forward((T*)RowLoop.AddressOf(x), (int)x.size(1), (T*)RowLoop.AddressOf(y), _logSums);

    private void Backward<T, TLanes, TPacked, TProducts>(Tensor x, Tensor y, Tensor dy, Tensor dx)
        where T : unmanaged
        where TLanes : ILanes<T>
        where TPacked : unmanaged
        where TProducts : ITileProducts<TPacked> =>
        new CausalAttentionKernel<T, TLanes, TPacked, TProducts>(shape, lengths, rotary).Backward(
            (T*)RowLoop.AddressOf(x), (int)x.size(1), (T*)RowLoop.AddressOf(y), (T*)RowLoop.AddressOf(dy), _logSums, (T*)RowLoop.AddressOf(dx));
}
