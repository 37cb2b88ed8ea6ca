using Studio.Core.Tensors.Kernels;
using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>
/// Rotary embedding and attention of a decode pass: one new row a sequence over the sequence's cache, [sequences, columns] of the projection to [sequences, heads * width].
/// The rows' keys and values are in the caches afterwards.
/// </summary>
/// <param name="shape">Where the heads lie.</param>
/// <param name="block">Of the caches.</param>
/// <param name="caches">One a row, in CPU memory and the rows' type.</param>
/// <param name="rotary">Angles of the rows; null for no rotation.</param>
internal sealed unsafe class CachedAttention(AttentionShape shape, int block, IReadOnlyList<KeyValueCache> caches, RotaryAngles? rotary) : WrittenOperation
{
    /// <summary>Not through a cache: what is in it was computed in earlier passes.</summary>
    public override bool HasDerivative => false;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        var y = empty(x.size(0), shape.Queries.Count * shape.Width, dtype: x.dtype);
        if (x.dtype == ScalarType.BFloat16) Run<ushort, BFloat16Lanes>(x, y);
        else Run<float, SingleLanes>(x, y);
        return y;
    }

    /// <inheritdoc/>
    public override Tensor Backward(Tensor x, Tensor y, Tensor dy, Tensor? sum) => throw new NotSupportedException("Nothing is trained through a cache of keys and values.");

    private void Run<T, TLanes>(Tensor x, Tensor y)
        where T : unmanaged
        where TLanes : ILanes<T>
    {
        var rows = new CachedRows[caches.Count];
        for (int i = 0; i < rows.Length; i++)
        {
            var slots = caches[i].Extend(block, 1);
            nint first = (nint)slots.First * shape.Width * sizeof(T);
            rows[i] = new CachedRows(RowLoop.AddressOf(slots.Keys) + first, RowLoop.AddressOf(slots.Values) + first, slots.Keys.size(1) * shape.Width, slots.Count);
        }
        new CachedAttentionKernel<T, TLanes>(shape, rotary).Run((T*)RowLoop.AddressOf(x), (int)x.size(1), rows, (T*)RowLoop.AddressOf(y));
    }
}
