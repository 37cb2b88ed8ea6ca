using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Studio.Core.Tensors.Kernels;

/// <summary>
/// Causal attention by tiles of 64 queries and 64 keys, and its derivative as in FlashAttention (Dao et al. 2022): the scores are computed again from q, k and the
/// logarithm of each row's sum. Scores lie with keys as rows: so the softmax works along whole vectors of queries, and no tile of scores has to be turned over.
/// Tiles above the diagonal and beyond the window are left out.
/// </summary>
/// <typeparam name="T">Type of the rows.</typeparam>
/// <typeparam name="TLanes">Its lanes.</typeparam>
/// <typeparam name="TPacked">Type of packed factors.</typeparam>
/// <typeparam name="TProducts">Products of tiles.</typeparam>
internal sealed unsafe class CausalAttentionKernel<T, TLanes, TPacked, TProducts>
    where T : unmanaged
    where TLanes : ILanes<T>
    where TPacked : unmanaged
    where TProducts : ITileProducts<TPacked>
{
    private const int Side = TileRows.Side, Square = Side * Side;

    private readonly AttentionShape _shape;
    private readonly RotaryAngles? _rotary;
    private readonly int[] _lengths;
    private readonly int[] _starts;
    private readonly int[] _paddedStarts;
    private readonly int _rows;
    private readonly int _paddedRows;
    private readonly int _width;
    private readonly int _heads;

    public CausalAttentionKernel(AttentionShape shape, IReadOnlyList<int> lengths, RotaryAngles? rotary)
    {
        _shape = shape;
        _rotary = rotary;
        _lengths = [.. lengths];
        _starts = new int[_lengths.Length];
        _paddedStarts = new int[_lengths.Length];
        for (int i = 0; i < _lengths.Length; i++)
        {
            (_starts[i], _paddedStarts[i]) = (_rows, _paddedRows);
            _rows += _lengths[i];
            _paddedRows += Tiles(i) * Side;
        }
        _width = (shape.Width + 15) / 16 * 16;
        _heads = shape.Queries.Count;
    }

    /// <summary>Attention of rows.</summary>
    /// <param name="x">[rows, columns].</param>
    /// <param name="columns">Columns of x.</param>
    /// <param name="y">[rows, heads * width].</param>
    /// <param name="logSums">Receives the logarithm of each softmax's denominator, [heads, rows].</param>
    public void Forward(T* x, int columns, T* y, float[] logSums)
    {
        using var memory = new TileMemory();
        TPacked* keys = Packed(memory), values = Packed(memory);
        OverHeads(_shape.Keys.Count, room =>
        {
            float* tile = room.Take<float>(Side * _width), turned = room.Take<float>(Side * _width);
            return (head, sequence) =>
            {
                for (int i = 0; i < Tiles(sequence); i++)
                {
                    long at = PackedTile(head, sequence, i);
                    Load(x, columns, _shape.Keys[head], sequence, i, tile, rotates: true);
                    TileRows.PackLeft<TPacked, TProducts>(tile, Side, _width, keys + at);
                    Load(x, columns, _shape.Values[head], sequence, i, tile, rotates: false);
                    TileRows.Turn(tile, Side, _width, turned);
                    TileRows.PackLeft<TPacked, TProducts>(turned, _width, Side, values + at);
                }
            };
        });
        OverHeads(_heads, room =>
        {
            var tiles = new ForwardTiles(room, _width, _lengths.Max());
            return (head, sequence) =>
            {
                for (int i = 0; i < Tiles(sequence); i++) Forward(x, columns, y, logSums, keys, values, tiles, head, sequence, i);
            };
        });
    }

    /// <summary>The gradient of <see cref="Forward(T*, int, T*, float[])"/>'s x; every column that belongs to a head is written.</summary>
    public void Backward(T* x, int columns, T* y, T* dy, float[] logSums, T* dx)
    {
        using var memory = new TileMemory();
        TPacked* keys = Packed(memory), turnedKeys = Packed(memory), values = Packed(memory);
        long all = (long)_heads * _paddedRows * _width;
        float* keyGradients = memory.Take<float>(all), valueGradients = memory.Take<float>(all);
        OverHeads(_shape.Keys.Count, room =>
        {
            float* tile = room.Take<float>(Side * _width), turned = room.Take<float>(Side * _width);
            return (head, sequence) =>
            {
                for (int i = 0; i < Tiles(sequence); i++)
                {
                    long at = PackedTile(head, sequence, i);
                    Load(x, columns, _shape.Keys[head], sequence, i, tile, rotates: true);
                    TileRows.PackLeft<TPacked, TProducts>(tile, Side, _width, keys + at);
                    TileRows.Turn(tile, Side, _width, turned);
                    TileRows.PackLeft<TPacked, TProducts>(turned, _width, Side, turnedKeys + at);
                    Load(x, columns, _shape.Values[head], sequence, i, tile, rotates: false);
                    TileRows.PackLeft<TPacked, TProducts>(tile, Side, _width, values + at);
                }
            };
        });
        OverHeads(_heads, room =>
        {
            var tiles = new BackwardTiles(room, _width);
            return (head, sequence) =>
            {
                for (int i = 0; i < Tiles(sequence); i++)
                {
                    LoadQueries(x, columns, y, dy, logSums, tiles, head, sequence, i);
                    Backward(keys, turnedKeys, values, keyGradients, valueGradients, tiles, head, sequence, i);
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
                    SumOfGroup(keyGradients, head, _paddedStarts[sequence] + row, sum);
                    _rotary?.Rotate(sum, at, back: true);
                    TileRows.Store<T, TLanes>(sum, _shape.Width, to + _shape.Keys[head]);
                    SumOfGroup(valueGradients, head, _paddedStarts[sequence] + row, sum);
                    TileRows.Store<T, TLanes>(sum, _shape.Width, to + _shape.Values[head]);
                }
            };
        });
    }

    // y of one tile of queries: scores against all visible keys, their softmax, the mean of the values.
    private void Forward(T* x, int columns, T* y, float[] logSums, TPacked* keys, TPacked* values, ForwardTiles tiles, int head, int sequence, int tile)
    {
        Load(x, columns, _shape.Queries[head], sequence, tile, tiles.Tile, rotates: true);
        TileRows.Turn(tiles.Tile, Side, _width, tiles.Turned);
        TileRows.PackRight<TPacked, TProducts>(tiles.Turned, _width, Side, tiles.Queries);
        int first = FirstTile(tile), group = head / _shape.Group;
        for (int j = first; j <= tile; j++)
        {
            float* scores = tiles.Scores + (j - first) * Square;
            TProducts.Multiply(Side, Side, _width, keys + PackedTile(group, sequence, j), _width, tiles.Queries, scores, Side, adds: false);
            Mask(scores, tile, j);
        }
        Softmax(tiles, (tile - first + 1) * Side);
        for (int j = first; j <= tile; j++)
            TProducts.Multiply(_width, Side, Side, values + PackedTile(group, sequence, j), Side, tiles.Weights + (j - first) * Square, tiles.Turned, Side, adds: j > first);
        for (int row = 0; row < _width; row++)
            for (int column = 0; column < Side; column += 16)
                (Vector512.Load(tiles.Turned + row * Side + column) * Vector512.Load(tiles.Shares + column)).Store(tiles.Turned + row * Side + column);
        TileRows.Turn(tiles.Turned, _width, Side, tiles.Tile);
        for (int row = 0; row < Rows(sequence, tile); row++)
        {
            int at = _starts[sequence] + tile * Side + row;
            TileRows.Store<T, TLanes>(tiles.Tile + row * _width, _shape.Width, y + ((nint)at * _heads + head) * _shape.Width);
            logSums[head * _rows + at] = tiles.LogSums[row];
        }
    }

    // Weights without their denominator; queries are columns.
    private void Softmax(ForwardTiles tiles, int keys)
    {
        var scale = Vector512.Create((float)_shape.Scale);
        for (int column = 0; column < Side; column += 16)
        {
            float* scores = tiles.Scores + column;
            Vector512<float> most = Vector512.Load(scores), other = most;
            for (int key = 0; key < keys; key += 2)
            {
                most = Vector512.MaxNative(most, Vector512.Load(scores + key * Side));
                other = Vector512.MaxNative(other, Vector512.Load(scores + key * Side + Side));
            }
            most = Vector512.MaxNative(most, other) * scale;
            var sum = Vector512<float>.Zero;
            for (int pair = 0; pair < keys / 2; pair++, scores += 2 * Side)
            {
                var even = VectorExp.Of(Vector512.Load(scores) * scale - most);
                var odd = VectorExp.Of(Vector512.Load(scores + Side) * scale - most);
                sum += even + odd;
                TProducts.PutRight(even, odd, tiles.Weights, pair, Side, column);
            }
            (Vector512<float>.One / sum).Store(tiles.Shares + column);
            (most + Vector512.Log(sum)).Store(tiles.LogSums + column);
        }
    }

    // Queries and what comes from above, each once as it lies and once turned over; and sum(dy y), row by row.
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
            tiles.Sums[row] = Vector512.Sum(sum);
            tiles.LogSums[row] = row < count ? logSums[head * _rows + _starts[sequence] + tile * Side + row] : 0;
        }
        TileRows.PackRight<TPacked, TProducts>(tiles.Tile, Side, _width, tiles.Gradients);
        TileRows.Turn(tiles.Tile, Side, _width, tiles.Turned);
        TileRows.PackRight<TPacked, TProducts>(tiles.Turned, _width, Side, tiles.TurnedGradients);
    }

    // dv += p^T dy, dk += ds^T q, dq^T += k^T ds^T with ds = p (dp - sum(dy y)) scale.
    private void Backward(TPacked* keys, TPacked* turnedKeys, TPacked* values, float* keyGradients, float* valueGradients, BackwardTiles tiles, int head, int sequence, int tile)
    {
        int first = FirstTile(tile), group = head / _shape.Group;
        for (int j = first; j <= tile; j++)
        {
            long at = PackedTile(group, sequence, j), own = PackedTile(head, sequence, j);
            TProducts.Multiply(Side, Side, _width, keys + at, _width, tiles.TurnedQueries, tiles.Scores, Side, adds: false);
            Mask(tiles.Scores, tile, j);
            TProducts.Multiply(Side, Side, _width, values + at, _width, tiles.TurnedGradients, tiles.Slopes, Side, adds: false);
            Derive(tiles);
            // The diagonal is the first tile of queries that reaches these keys.
            TileRows.AddProduct<TPacked, TProducts>(Side, _width, tiles.Weights, tiles.Gradients, valueGradients + own, adds: j < tile);
            TileRows.AddProduct<TPacked, TProducts>(Side, _width, tiles.LeftSlopes, tiles.Queries, keyGradients + own, adds: j < tile);
            TProducts.Multiply(_width, Side, Side, turnedKeys + at, Side, tiles.RightSlopes, tiles.QueryGradients, Side, adds: j > first);
        }
    }

    private void Derive(BackwardTiles tiles)
    {
        var scale = Vector512.Create((float)_shape.Scale);
        for (int column = 0; column < Side; column += 16)
        {
            var (logSum, sum) = (Vector512.Load(tiles.LogSums + column), Vector512.Load(tiles.Sums + column));
            for (int pair = 0; pair < Side / 2; pair++)
            {
                int at = 2 * pair * Side + column;
                var p = VectorExp.Of(Vector512.Load(tiles.Scores + at) * scale - logSum);
                var even = p * (Vector512.Load(tiles.Slopes + at) - sum) * scale;
                TProducts.PutLeft(p, tiles.Weights + at);
                TProducts.PutLeft(even, tiles.LeftSlopes + at);
                at += Side;
                p = VectorExp.Of(Vector512.Load(tiles.Scores + at) * scale - logSum);
                var odd = p * (Vector512.Load(tiles.Slopes + at) - sum) * scale;
                TProducts.PutLeft(p, tiles.Weights + at);
                TProducts.PutLeft(odd, tiles.LeftSlopes + at);
                TProducts.PutRight(even, odd, tiles.RightSlopes, pair, Side, column);
            }
        }
    }

    // What a query must not see becomes minus infinity: later keys, and those before its window.
    private void Mask(float* scores, int queryTile, int keyTile)
    {
        int apart = (queryTile - keyTile) * Side, window = _shape.Window > 0 ? _shape.Window : int.MaxValue;
        if (apart > 0 && apart + Side <= window) return;
        var lanes = Vector512.CreateSequence(0, 1);
        var never = Vector512.Create(float.NegativeInfinity);
        for (int key = 0; key < Side; key++)
        {
            // Query q of its tile and this key are apart + q - key positions apart.
            var from = Vector512.Create(key - apart);
            var to = Vector512.Create((int)Math.Min((long)key - apart + window, int.MaxValue));
            for (int column = 0; column < Side; column += 16)
            {
                float* at = scores + key * Side + column;
                var query = lanes + Vector512.Create(column);
                var visible = Vector512.GreaterThanOrEqual(query, from) & Vector512.LessThan(query, to);
                Vector512.ConditionalSelect(visible.AsSingle(), Vector512.Load(at), never).Store(at);
            }
        }
    }

    private void SumOfGroup(float* gradients, int keyHead, int paddedRow, float* sum)
    {
        for (int i = 0; i < _width; i += 16)
        {
            var total = Vector512<float>.Zero;
            for (int head = keyHead * _shape.Group; head < (keyHead + 1) * _shape.Group; head++) total += Vector512.Load(gradients + ((nint)head * _paddedRows + paddedRow) * _width + i);
            total.Store(sum + i);
        }
    }

    // A tile of one head; rows beyond the sequence are zeros.
    private void Load(T* from, int stride, int column, int sequence, int tile, float* to, bool rotates)
    {
        int count = Rows(sequence, tile);
        for (int row = 0; row < count; row++, to += _width)
        {
            int at = _starts[sequence] + tile * Side + row;
            TileRows.Load<T, TLanes>(from + (nint)at * stride + column, _shape.Width, to, _width);
            if (rotates) _rotary?.Rotate(to, at, back: false);
        }
        new Span<float>(to, (Side - count) * _width).Clear();
    }

    // Neighbouring units belong to one head, so that threads get equal shares of every sequence.
    private void OverHeads(int heads, Func<TileMemory, Action<int, int>> unit)
    {
        int sequences = _lengths.Length;
        long work = 0;
        foreach (int length in _lengths) work += (long)length * length;
        RowLoop.Run(heads * sequences, work * heads, (from, to) =>
        {
            SignalStack.Ensure();
            using var room = new TileMemory();
            var act = unit(room);
            for (int i = from; i < to; i++) act(i / sequences, i % sequences);
            TProducts.Release();
        });
    }

    private TPacked* Packed(TileMemory memory) => memory.Take<TPacked>((long)_shape.Keys.Count * _paddedRows * _width);

    private long PackedTile(int head, int sequence, int tile) => ((long)head * _paddedRows + _paddedStarts[sequence] + tile * Side) * _width;

    private int Tiles(int sequence) => TilesOf(_lengths[sequence]);

    private static int TilesOf(int length) => (length + Side - 1) / Side;

    private int Rows(int sequence, int tile) => Math.Min(Side, _lengths[sequence] - tile * Side);

    private int FirstTile(int tile) => _shape.Window > 0 ? Math.Max(0, tile * Side - _shape.Window + 1) / Side : 0;

    private sealed class ForwardTiles(TileMemory memory, int width, int longest)
    {
        public float* Tile { get; } = memory.Take<float>(Side * width);

        public float* Turned { get; } = memory.Take<float>(Side * width);

        public TPacked* Queries { get; } = memory.Take<TPacked>(Side * width);

        public float* Scores { get; } = memory.Take<float>(TilesOf(longest) * Square);

        public TPacked* Weights { get; } = memory.Take<TPacked>(TilesOf(longest) * Square);

        public float* Shares { get; } = memory.Take<float>(Side);

        public float* LogSums { get; } = memory.Take<float>(Side);
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
