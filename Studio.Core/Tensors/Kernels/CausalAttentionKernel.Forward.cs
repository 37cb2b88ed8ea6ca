using System.Runtime.Intrinsics;

namespace Studio.Core.Tensors.Kernels;

/// <content>The forward.</content>
internal sealed unsafe partial class CausalAttentionKernel<T, TLanes, TPacked, TProducts>
{
    /// <summary>Attention of rows.</summary>
    /// <param name="x">[rows, columns].</param>
    /// <param name="columns">Columns of x.</param>
    /// <param name="y">[rows, heads * width].</param>
    /// <param name="logSums">Receives the logarithm of each softmax's denominator, [heads, rows].</param>
    public void Forward(T* x, int columns, T* y, float[] logSums)
    {
        using var memory = new TileMemory();
        TPacked* keys = Packed(memory), values = Packed(memory);
        PackKeysAndValues(x, columns, keys, null, values, turnsValues: true);
        OverHeads(_heads, room =>
        {
            var tiles = new ForwardTiles(room, _width, TilesOf(_lengths.Max()));
            return (head, sequence) =>
            {
                for (int i = 0; i < Tiles(sequence); i++)
                {
                    Load(x, columns, _shape.Queries[head], sequence, i, tiles.Tile, rotates: true);
                    Forward(keys, values, tiles, head / _shape.Group, sequence, i);
                    for (int row = 0; row < Rows(sequence, i); row++)
                    {
                        int at = _starts[sequence] + i * Side + row;
                        TileRows.Store<T, TLanes>(tiles.Tile + row * _width, _shape.Width, y + ((nint)at * _heads + head) * _shape.Width);
                        logSums[head * _rows + at] = tiles.LogSums[row];
                    }
                }
            };
        });
    }

    // The tile of queries becomes that of the result: scores against all visible keys, their softmax, the mean of the values.
    private void Forward(TPacked* keys, TPacked* values, ForwardTiles tiles, int keyHead, int sequence, int tile)
    {
        TileRows.Turn(tiles.Tile, Side, _width, tiles.Turned);
        TileRows.PackRight<TPacked, TProducts>(tiles.Turned, _width, Side, tiles.Queries);
        int first = FirstTile(tile);
        new Span<float>(tiles.Most, Side).Fill(float.NegativeInfinity);
        for (int j = first; j <= tile; j++)
        {
            float* scores = tiles.Scores + (j - first) * Square;
            new Span<float>(scores, Square).Clear();
            TProducts.Multiply(Side, Side, _width, keys + PackedTile(keyHead, sequence, j), _width, tiles.Queries, scores, Side);
            Mask(scores, tile, j);
            Raise(scores, tiles.Most);
        }
        new Span<float>(tiles.Sums, Side).Clear();
        new Span<float>(tiles.Turned, _width * Side).Clear();
        for (int j = first; j <= tile; j++)
        {
            Weigh(tiles.Scores + (j - first) * Square, tiles);
            TProducts.Multiply(_width, Side, Side, values + PackedTile(keyHead, sequence, j), Side, tiles.Weights, tiles.Turned, Side);
        }
        for (int column = 0; column < Side; column += 16)
        {
            var sum = Vector512.Load(tiles.Sums + column);
            for (float* at = tiles.Turned + column; at < tiles.Turned + _width * Side; at += Side) (Vector512.Load(at) / sum).Store(at);
            (Vector512.Load(tiles.Most + column) * Vector512.Create((float)_shape.Scale) + Vector512.Log(sum)).Store(tiles.LogSums + column);
        }
        TileRows.Turn(tiles.Turned, _width, Side, tiles.Tile);
    }

    private static void Raise(float* scores, float* most)
    {
        for (int column = 0; column < Side; column += 16)
        {
            var highest = Vector512.Load(most + column);
            for (int key = 0; key < Side; key++) highest = Vector512.MaxNative(highest, Vector512.Load(scores + key * Side + column));
            highest.Store(most + column);
        }
    }

    // Weights without their denominator, which becomes known on the way.
    private void Weigh(float* scores, ForwardTiles tiles)
    {
        var scale = Vector512.Create((float)_shape.Scale);
        for (int column = 0; column < Side; column += 16)
        {
            var (most, sum) = (Vector512.Load(tiles.Most + column), Vector512.Load(tiles.Sums + column));
            for (int pair = 0; pair < Side / 2; pair++)
            {
                float* at = scores + 2 * pair * Side + column;
                var even = VectorExp.Of((Vector512.Load(at) - most) * scale);
                var odd = VectorExp.Of((Vector512.Load(at + Side) - most) * scale);
                sum += even + odd;
                TProducts.PutRight(even, odd, tiles.Weights, pair, Side, column);
            }
            sum.Store(tiles.Sums + column);
        }
    }

    private sealed class ForwardTiles(TileMemory memory, int width, int most)
    {
        public float* Tile { get; } = memory.Take<float>(Side * width);

        public float* Turned { get; } = memory.Take<float>(Side * width);

        public TPacked* Queries { get; } = memory.Take<TPacked>(Side * width);

        public float* Scores { get; } = memory.Take<float>((long)most * Square);

        public TPacked* Weights { get; } = memory.Take<TPacked>(Square);

        public float* Most { get; } = memory.Take<float>(Side);

        public float* Sums { get; } = memory.Take<float>(Side);

        public float* LogSums { get; } = memory.Take<float>(Side);
    }
}
