using System.Runtime.Intrinsics;

namespace Studio.Core.Tensors.Kernels;

/// <summary>The keys and values that the newest row of a sequence sees, its own included, [heads, count, width] with gaps between the heads.</summary>
/// <param name="Keys">Address of the first key of the first head.</param>
/// <param name="Values">Address of the first value of the first head.</param>
/// <param name="HeadStride">Elements from head to head.</param>
/// <param name="Count">How many; the last are written by the kernel.</param>
internal readonly record struct CachedRows(nint Keys, nint Values, long HeadStride, int Count);

/// <summary>
/// Attention of one new row a sequence over the sequence's cache: rotation, the new key and value put into the cache, scores, softmax and sum in one go. A token of a small
/// model has some hundred keys a head: starting one operation of torch takes longer than all their products.
/// Sums and softmax in fp32; the new key is seen as it was rounded for the cache.
/// </summary>
/// <param name="shape">Where the heads lie. Its window is the caches' business.</param>
/// <param name="rotary">Angles of the rows; null for no rotation.</param>
/// <typeparam name="T">Type of rows and caches.</typeparam>
/// <typeparam name="TLanes">Its lanes.</typeparam>
internal sealed unsafe class CachedAttentionKernel<T, TLanes>(AttentionShape shape, RotaryAngles? rotary)
    where T : unmanaged
    where TLanes : ILanes<T>
{
    private const int Lanes = ILanes<T>.Count;

    // Vectors of a value that are summed at a time, each in a register.
    private const int Sums = 4;

    private readonly int _width = shape.Width;
    private readonly int _whole = shape.Width - shape.Width % Lanes;
    private readonly int _padded = TileRows.Padded(shape.Width);

    /// <summary>Rows x [sequences, columns] of the projection to y [sequences, heads * width]; the caches get the rows' keys and values.</summary>
    public void Run(T* x, int columns, IReadOnlyList<CachedRows> caches, T* y)
    {
        int heads = shape.Keys.Count, longest = caches.Max(cache => cache.Count);
        long work = caches.Sum(cache => (long)cache.Count) * shape.Queries.Count * _width;
        RowLoop.Run(caches.Count * heads, work, (from, to) =>
        {
            using var room = new TileMemory();
            float* head = room.Take<float>(_padded), scores = room.Take<float>(TileRows.Padded(longest));
            for (int i = from; i < to; i++)
            {
                int row = i / heads;
                Attend(x + (nint)row * columns, row, i % heads, caches[row], y + (nint)row * shape.Queries.Count * _width, head, scores);
            }
        });
    }

    // The query heads that read one key head.
    private void Attend(T* x, int row, int keyHead, CachedRows cache, T* y, float* head, float* scores)
    {
        T* keys = (T*)cache.Keys + (nint)(keyHead * cache.HeadStride), values = (T*)cache.Values + (nint)(keyHead * cache.HeadStride);
        nint last = (nint)(cache.Count - 1) * _width;
        Load(x + shape.Keys[keyHead], head, row);
        TileRows.Store<T, TLanes>(head, _width, keys + last);
        new ReadOnlySpan<T>(x + shape.Values[keyHead], _width).CopyTo(new Span<T>(values + last, _width));
        var scale = Vector512.Create((float)shape.Scale);
        for (int query = keyHead * shape.Group; query < (keyHead + 1) * shape.Group; query++)
        {
            Load(x + shape.Queries[query], head, row);
            for (int i = 0; i < _padded; i += Lanes) (Vector512.Load(head + i) * scale).Store(head + i);
            Score(head, keys, cache.Count, scores);
            Sum(scores, 1 / Exponentials(scores, cache.Count), values, cache.Count, y + query * _width);
        }
    }

    private void Load(T* from, float* to, int row)
    {
        TileRows.Load<T, TLanes>(from, _width, to, _padded);
        rotary?.Rotate(to, row, back: false);
    }

    private void Score(float* query, T* key, int count, float* scores)
    {
        for (int j = 0; j < count; j++, key += _width) scores[j] = TileRows.Dot<T, TLanes>(key, query, _width);
    }

    // Scores to e^(score - largest), in place; their sum.
    private static float Exponentials(float* scores, int count)
    {
        int padded = TileRows.Padded(count);
        new Span<float>(scores + count, padded - count).Fill(float.NegativeInfinity);
        var most = Vector512.Create(float.NegativeInfinity);
        for (int i = 0; i < padded; i += Lanes) most = Vector512.Max(most, Vector512.Load(scores + i));
        float largest = float.NegativeInfinity;
        for (int i = 0; i < Lanes; i++) largest = MathF.Max(largest, most[i]);
        var (shift, sums) = (Vector512.Create(largest), Vector512<float>.Zero);
        for (int i = 0; i < padded; i += Lanes)
        {
            var power = VectorExp.Of(Vector512.Load(scores + i) - shift);
            power.Store(scores + i);
            sums += power;
        }
        return Vector512.Sum(sums);
    }

    // factor * sum of weights[j] value[j].
    private void Sum(float* weights, float factor, T* values, int count, T* to)
    {
        var factors = Vector512.Create(factor);
        int at = 0;
        for (; at + Sums * Lanes <= _whole; at += Sums * Lanes)
        {
            Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
            T* value = values + at;
            for (int j = 0; j < count; j++, value += _width)
            {
                var weight = Vector512.Create(weights[j]);
                s0 = Vector512.FusedMultiplyAdd(weight, TLanes.Load(ref *value, 0), s0);
                s1 = Vector512.FusedMultiplyAdd(weight, TLanes.Load(ref *value, Lanes), s1);
                s2 = Vector512.FusedMultiplyAdd(weight, TLanes.Load(ref *value, 2 * Lanes), s2);
                s3 = Vector512.FusedMultiplyAdd(weight, TLanes.Load(ref *value, 3 * Lanes), s3);
            }
            TLanes.Store(s0 * factors, ref to[at], 0);
            TLanes.Store(s1 * factors, ref to[at], Lanes);
            TLanes.Store(s2 * factors, ref to[at], 2 * Lanes);
            TLanes.Store(s3 * factors, ref to[at], 3 * Lanes);
        }
        for (; at < _whole; at += Lanes)
        {
            var sums = Vector512<float>.Zero;
            T* value = values + at;
            for (int j = 0; j < count; j++, value += _width) sums = Vector512.FusedMultiplyAdd(Vector512.Create(weights[j]), TLanes.Load(ref *value, 0), sums);
            TLanes.Store(sums * factors, ref to[at], 0);
        }
        for (; at < _width; at++)
        {
            float sum = 0;
            for (int j = 0; j < count; j++) sum += weights[j] * TLanes.Widen(values[(nint)j * _width + at]);
            to[at] = TLanes.Narrow(sum * factor);
        }
    }
}
