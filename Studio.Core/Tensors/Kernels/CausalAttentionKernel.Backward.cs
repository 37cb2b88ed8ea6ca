using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Studio.Core.Tensors.Kernels;

/// <content>The derivative.</content>
internal sealed unsafe partial class CausalAttentionKernel<T, TLanes, TPacked, TProducts>
{
    /// <summary>The gradient of <see cref="Forward(T*, int, T*, float[])"/>'s x; every column that belongs to a head is written.</summary>
    public void Backward(T* x, int columns, T* y, T* dy, float[] logSums, T* dx)
    {
        using var memory = new TileMemory();
        TPacked* keys = Packed(memory), turnedKeys = Packed(memory), values = Packed(memory);
        // Heads that share keys add to one sum, unless threads would then go without work.
        int slices = Slices(), heads = _shape.Group / slices, sums = _shape.Keys.Count * slices;
        long all = (long)sums * _paddedRows * _width;
        float* keyGradients = memory.Take<float>(all), valueGradients = memory.Take<float>(all);
        PackKeysAndValues(x, columns, keys, turnedKeys, values, turnsValues: false);
        OverHeads(sums, room =>
        {
            var tiles = new BackwardTiles(room, _width);
            return (sum, sequence) =>
            {
                Clear(keyGradients, sum, sequence);
                Clear(valueGradients, sum, sequence);
                for (int head = sum * heads; head < (sum + 1) * heads; head++)
                    for (int i = 0; i < Tiles(sequence); i++)
                    {
                        LoadQueries(x, columns, y, dy, logSums, tiles, head, sequence, i);
                        Backward(keys, turnedKeys, values, keyGradients + PackedTile(sum, sequence, 0), valueGradients + PackedTile(sum, sequence, 0), tiles, head, sequence, i);
                        TileRows.Turn(tiles.QueryGradients, _width, Side, tiles.Tile);
                        for (int row = 0; row < Rows(sequence, i); row++)
                        {
                            int at = _starts[sequence] + i * Side + row;
                            float* gradient = tiles.Tile + row * _width;
                            _rotary?.Rotate(gradient, at, back: true);
                            TileRows.Store<T, TLanes>(gradient, _shape.Width, dx + (nint)at * columns + _shape.Queries[head]);
                        }
                    }
            };
        });
        OverHeads(_shape.Keys.Count, room =>
        {
            float* sum = room.Take<float>(_width);
            return (head, sequence) =>
            {
                for (int row = 0; row < _lengths[sequence]; row++)
                {
                    int at = _starts[sequence] + row;
                    T* to = dx + (nint)at * columns;
                    Sum(keyGradients, head, slices, _paddedStarts[sequence] + row, sum);
                    _rotary?.Rotate(sum, at, back: true);
                    TileRows.Store<T, TLanes>(sum, _shape.Width, to + _shape.Keys[head]);
                    Sum(valueGradients, head, slices, _paddedStarts[sequence] + row, sum);
                    TileRows.Store<T, TLanes>(sum, _shape.Width, to + _shape.Values[head]);
                }
            };
        });
    }

    // Queries and what comes from above, each once as it lies and once turned over; and what the products of a tile start from.
    private void LoadQueries(T* x, int columns, T* y, T* dy, float[] logSums, BackwardTiles tiles, int head, int sequence, int tile)
    {
        Load(x, columns, _shape.Queries[head], sequence, tile, tiles.Tile, rotates: true);
        TileRows.PackRight<TPacked, TProducts>(tiles.Tile, Side, _width, tiles.Queries);
        TileRows.Turn(tiles.Tile, Side, _width, tiles.Turned);
        TileRows.PackRight<TPacked, TProducts>(tiles.Turned, _width, Side, tiles.TurnedQueries);
        int stride = _heads * _shape.Width, count = Rows(sequence, tile);
        Load(y, stride, head * _shape.Width, sequence, tile, tiles.Turned, rotates: false);
        Load(dy, stride, head * _shape.Width, sequence, tile, tiles.Tile, rotates: false);
        for (int row = 0; row < Side; row++)
        {
            var sum = Vector512<float>.Zero;
            for (int i = row * _width; i < (row + 1) * _width; i += 16) sum = Vector512.FusedMultiplyAdd(Vector512.Load(tiles.Turned + i), Vector512.Load(tiles.Tile + i), sum);
            tiles.Sums[row] = -Vector512.Sum(sum);
            tiles.LogSums[row] = row < count ? (float)(-logSums[head * _rows + _starts[sequence] + tile * Side + row] / _shape.Scale) : 0;
        }
        TileRows.PackRight<TPacked, TProducts>(tiles.Tile, Side, _width, tiles.Gradients);
        TileRows.Turn(tiles.Tile, Side, _width, tiles.Turned);
        TileRows.PackRight<TPacked, TProducts>(tiles.Turned, _width, Side, tiles.TurnedGradients);
    }

    // dv += p^T dy, dk += ds^T q, dq^T = k^T ds^T with ds = p (dp - sum(dy y)) scale.
    private void Backward(TPacked* keys, TPacked* turnedKeys, TPacked* values, float* keyGradients, float* valueGradients, BackwardTiles tiles, int head, int sequence, int tile)
    {
        int group = head / _shape.Group;
        new Span<float>(tiles.QueryGradients, _width * Side).Clear();
        for (int j = FirstTile(tile); j <= tile; j++)
        {
            long at = PackedTile(group, sequence, j);
            int own = j * Side * _width;
            FillRows(tiles.Scores, tiles.LogSums);
            TProducts.Multiply(Side, Side, _width, keys + at, _width, tiles.TurnedQueries, tiles.Scores, Side);
            Mask(tiles.Scores, tile, j);
            FillRows(tiles.Slopes, tiles.Sums);
            TProducts.Multiply(Side, Side, _width, values + at, _width, tiles.TurnedGradients, tiles.Slopes, Side);
            Derive(tiles);
            TileRows.AddProduct<TPacked, TProducts>(Side, _width, tiles.Weights, tiles.Gradients, valueGradients + own);
            TileRows.AddProduct<TPacked, TProducts>(Side, _width, tiles.LeftSlopes, tiles.Queries, keyGradients + own);
            TProducts.Multiply(_width, Side, Side, turnedKeys + at, Side, tiles.RightSlopes, tiles.QueryGradients, Side);
        }
    }

    private static void FillRows(float* square, float* row)
    {
        Vector512<float> a = Vector512.Load(row), b = Vector512.Load(row + 16), c = Vector512.Load(row + 32), d = Vector512.Load(row + 48);
        for (float* end = square + Square; square < end; square += Side)
        {
            a.Store(square);
            b.Store(square + 16);
            c.Store(square + 32);
            d.Store(square + 48);
        }
    }

    private void Derive(BackwardTiles tiles)
    {
        var scale = Vector512.Create((float)_shape.Scale);
        for (int pair = 0; pair < Side / 2; pair++)
            for (int column = 0; column < Side; column += 16)
            {
                int at = 2 * pair * Side + column;
                var p = VectorExp.Of(Vector512.Load(tiles.Scores + at) * scale);
                var even = p * Vector512.Load(tiles.Slopes + at) * scale;
                TProducts.PutLeft(p, tiles.Weights + at);
                TProducts.PutLeft(even, tiles.LeftSlopes + at);
                at += Side;
                p = VectorExp.Of(Vector512.Load(tiles.Scores + at) * scale);
                var odd = p * Vector512.Load(tiles.Slopes + at) * scale;
                TProducts.PutLeft(p, tiles.Weights + at);
                TProducts.PutLeft(odd, tiles.LeftSlopes + at);
                TProducts.PutRight(even, odd, tiles.RightSlopes, pair, Side, column);
            }
    }

    private void Clear(float* gradients, int sum, int sequence) => new Span<float>(gradients + PackedTile(sum, sequence, 0), Tiles(sequence) * Side * _width).Clear();

    private void Sum(float* gradients, int keyHead, int slices, int paddedRow, float* sum)
    {
        for (int i = 0; i < _width; i += 16)
        {
            var total = Vector512<float>.Zero;
            for (int slice = keyHead * slices; slice < (keyHead + 1) * slices; slice++) total += Vector512.Load(gradients + ((nint)slice * _paddedRows + paddedRow) * _width + i);
            total.Store(sum + i);
        }
    }

    // Into how many parts the heads of one key head are cut: the fewest that keep threads busy. Not by the number of sequences: company must not change the order of a sum.
    private int Slices()
    {
        int threads = get_num_threads();
        for (int slices = 1; slices < _shape.Group; slices++)
        {
            int units = _shape.Keys.Count * slices, turns = (units + threads - 1) / threads;
            if (_shape.Group % slices == 0 && units >= 0.85 * turns * threads) return slices;
        }
        return _shape.Group;
    }

    private sealed class BackwardTiles(TileMemory memory, int width)
    {
        public float* Tile { get; } = memory.Take<float>(Side * width);

        public float* Turned { get; } = memory.Take<float>(Side * width);

        public TPacked* Queries { get; } = memory.Take<TPacked>(Side * width);

        public TPacked* TurnedQueries { get; } = memory.Take<TPacked>(Side * width);

        public TPacked* Gradients { get; } = memory.Take<TPacked>(Side * width);

        public TPacked* TurnedGradients { get; } = memory.Take<TPacked>(Side * width);

        public float* Sums { get; } = memory.Take<float>(Side);

        public float* LogSums { get; } = memory.Take<float>(Side);

        public float* Scores { get; } = memory.Take<float>(Square);

        public float* Slopes { get; } = memory.Take<float>(Square);

        public TPacked* Weights { get; } = memory.Take<TPacked>(Square);

        public TPacked* LeftSlopes { get; } = memory.Take<TPacked>(Square);

        public TPacked* RightSlopes { get; } = memory.Take<TPacked>(Square);

        public float* QueryGradients { get; } = memory.Take<float>(Side * width);
    }
}
