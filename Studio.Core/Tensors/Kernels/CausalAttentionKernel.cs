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
internal sealed unsafe partial class CausalAttentionKernel<T, TLanes, TPacked, TProducts>
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
        _width = TileRows.Padded(shape.Width);
        _heads = shape.Queries.Count;
    }

    // Both in tiles as left factors; turned over they are [width, 64].
    private void PackKeysAndValues(T* x, int columns, TPacked* keys, TPacked* turnedKeys, TPacked* values, bool turnsValues) => OverHeads(_shape.Keys.Count, room =>
    {
        float* tile = room.Take<float>(Side * _width), turned = room.Take<float>(Side * _width);
        return (head, sequence) =>
        {
            for (int i = 0; i < Tiles(sequence); i++)
            {
                long at = PackedTile(head, sequence, i);
                Load(x, columns, _shape.Keys[head], sequence, i, tile, rotates: true);
                TileRows.PackLeft<TPacked, TProducts>(tile, Side, _width, keys + at);
                if (turnedKeys is not null) PackTurned(turnedKeys + at);
                Load(x, columns, _shape.Values[head], sequence, i, tile, rotates: false);
                if (turnsValues) PackTurned(values + at);
                else TileRows.PackLeft<TPacked, TProducts>(tile, Side, _width, values + at);
            }
        };

        void PackTurned(TPacked* to)
        {
            TileRows.Turn(tile, Side, _width, turned);
            TileRows.PackLeft<TPacked, TProducts>(turned, _width, Side, to);
        }
    });

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
}
