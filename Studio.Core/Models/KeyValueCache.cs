using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>Keys and values of one sequence, owned by its client. Per block [kv_heads, capacity, head_width], grown by doubling.</summary>
public sealed class KeyValueCache : IDisposable
{
    private readonly DecoderConfig _config;
    private readonly ScalarType _type;
    private readonly Device _device;
    private readonly (Tensor? Keys, Tensor? Values)[] _blocks;
    private readonly int[] _lengths;
    private int _capacity;

    /// <summary>An empty cache.</summary>
    public KeyValueCache(DecoderConfig config, ScalarType type, Device device)
    {
        ArgumentNullException.ThrowIfNull(config);
        _config = config;
        _type = type;
        _device = device;
        _blocks = new (Tensor?, Tensor?)[config.Blocks];
        _lengths = new int[config.Blocks];
    }

    /// <summary>Positions held (virtual tokens and prefix included).</summary>
    public int Length { get; private set; }

    /// <summary>Bytes allocated.</summary>
    public long Bytes => _blocks.Sum(block => block.Keys is null ? 0 : 2 * block.Keys.ByteCount());

    /// <summary>Appends keys and values [n, kv_heads, head_width] of one block.</summary>
    /// <returns>All keys and values so far, [kv_heads, length, head_width], views that the caller's scope disposes.</returns>
    public KeyValues Append(int block, Tensor keys, Tensor values)
    {
        int n = checked((int)keys.size(0)), start = _lengths[block], end = start + n;
        Reserve(block, end);
        var (k, v) = _blocks[block];
        using (var keyRows = keys.transpose(0, 1))
        using (var valueRows = values.transpose(0, 1))
        using (var keySlots = k!.narrow(1, start, n))
        using (var valueSlots = v!.narrow(1, start, n))
        {
            keySlots.copy_(keyRows);
            valueSlots.copy_(valueRows);
        }
        _lengths[block] = end;
        if (block == _blocks.Length - 1) Length = end;
        return new KeyValues(k.narrow(1, 0, end), v.narrow(1, 0, end));
    }

    /// <summary>Forgets everything from <paramref name="length"/> on, for example a pass that failed half-way.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        for (int i = 0; i < _lengths.Length; i++) _lengths[i] = Math.Min(_lengths[i], length);
        Length = Math.Min(Length, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = 0; i < _blocks.Length; i++)
        {
            _blocks[i].Keys?.Dispose();
            _blocks[i].Values?.Dispose();
            _blocks[i] = default;
        }
    }

    private void Reserve(int block, int length)
    {
        if (length > _capacity) _capacity = Math.Max(length, Math.Max(64, _capacity * 2));
        var (keys, values) = _blocks[block];
        if (keys is not null && keys.size(1) >= length) return;
        _blocks[block] = (Grown(keys, _lengths[block]), Grown(values, _lengths[block]));
        keys?.Dispose();
        values?.Dispose();
    }

    private Tensor Grown(Tensor? old, int used)
    {
        var grown = empty([_config.KeyValueHeads, _capacity, _config.HeadWidth], dtype: _type, device: _device).Owned();
        if (old is not null && used > 0)
        {
            using var from = old.narrow(1, 0, used);
            using var to = grown.narrow(1, 0, used);
            to.copy_(from);
        }
        return grown;
    }
}
