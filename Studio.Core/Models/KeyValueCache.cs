using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>Where keys and values of one block lie in their cache, whose tensors they are: positions <paramref name="First"/> on of [kv_heads, capacity, head_width].</summary>
/// <param name="Keys">All keys.</param>
/// <param name="Values">All values.</param>
/// <param name="First">The first that the new positions see.</param>
/// <param name="Count">How many they see, themselves included.</param>
internal readonly record struct KeyValueSlots(Tensor Keys, Tensor Values, int First, int Count);

/// <summary>
/// Keys and values of one sequence, owned by its client. Per block [kv_heads, capacity, head_width]. A block that sees all positions grows by
/// doubling; one with a sliding window keeps what the window still reaches and frees the rest.
/// </summary>
public sealed class KeyValueCache : IDisposable
{
    private readonly DecoderConfig _config;
    private readonly ScalarType _type;
    private readonly Device _device;
    private readonly BlockCache[] _blocks;
    private readonly int _switch;
    private readonly int _fixedUpTo;
    private readonly List<int> _tokens = [];
    private bool _beyond;
    private int _lead; // virtual tokens and prefix, before the tokens
    private int _ahead;
    private int _longest; // of the sequence's lengths that keys were made for

    /// <summary>An empty cache.</summary>
    public KeyValueCache(DecoderConfig config, ScalarType type, Device device)
    {
        ArgumentNullException.ThrowIfNull(config);
        (_config, _type, _device) = (config, type, device);
        (_switch, _fixedUpTo) = (config.RotarySwitch, config.RotaryFixedUpTo);
        _blocks = [.. Enumerable.Range(0, config.Blocks).Select(i => new BlockCache(config.KeyValueHeads, config.HeadWidth, config.Block(i).Window, type, device))];
    }

    /// <summary>Positions passed (virtual tokens and prefix included); windowed blocks hold only the last of them.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes allocated.</summary>
    public long Bytes => _blocks.Sum(block => block.Bytes);

    /// <summary>
    /// What a forward has to feed for new tokens: these, or the whole sequence where the cached keys are of no more use, because the sequence
    /// grows beyond the length at which the rotary frequencies change (transformers fills the cache anew there too).
    /// </summary>
    internal ReadOnlyMemory<int> Take(ReadOnlyMemory<int> ids, int ahead)
    {
        _ahead = ahead;
        if (_switch == 0) return ids;
        bool beyond = _lead + _tokens.Count + ids.Length + ahead > _switch, whole = Length == _lead + _tokens.Count;
        _tokens.AddRange(ids.Span);
        bool useful = whole && beyond == _beyond;
        _beyond = beyond;
        if (useful || _tokens.Count == ids.Length) return ids;
        Forget(0);
        return _tokens.ToArray();
    }

    /// <summary>Appends keys and values [n, kv_heads, head_width] of one block.</summary>
    /// <returns>The last m keys and values, [kv_heads, m, head_width]: all so far, or what the block's window reaches from the first new
    /// position on. Views that the caller's scope disposes.</returns>
    public KeyValues Append(int block, Tensor keys, Tensor values)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(values);
        int n = checked((int)keys.size(0));
        var slots = Extend(block, n);
        Write(keys, slots.Keys);
        Write(values, slots.Values);
        return new KeyValues(slots.Keys.narrow(1, slots.First, slots.Count), slots.Values.narrow(1, slots.First, slots.Count));

        void Write(Tensor rows, Tensor all)
        {
            using var from = rows.transpose(0, 1);
            using var to = all.narrow(1, slots.First + slots.Count - n, n);
            to.copy_(from);
        }
    }

    /// <summary>Whether rows of this type and device become keys and values without a conversion.</summary>
    internal bool TakesAsIs(Tensor rows) => rows.dtype == _type && rows.device.type == _device.type;

    /// <summary>Makes room for the keys and values of <paramref name="n"/> new positions of one block, which the caller writes.</summary>
    internal KeyValueSlots Extend(int block, int n)
    {
        var slots = _blocks[block].Extend(n);
        if (block < _blocks.Length - 1) return slots;
        Length = _blocks[block].Length;
        _longest = Math.Max(_longest, Length + _ahead);
        _lead = Length - _tokens.Count;
        return slots;
    }

    /// <summary>Forgets everything from <paramref name="length"/> on, for example a pass that failed half-way.</summary>
    /// <exception cref="InvalidOperationException">A sliding window no longer holds what came before: only the last pass can be undone.</exception>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Forget(length);
        int left = Math.Max(0, length - _lead);
        if (_switch > 0 && _tokens.Count > left) _tokens.RemoveRange(left, _tokens.Count - left);
    }

    /// <summary>Whether it can go back to a length: a sliding window may have freed what the positions from there on see.</summary>
    public bool CanTruncate(int length) => _blocks.All(block => block.Reaches(length));

    /// <summary>Whether its keys are those that a prompt of this length would get in their place.</summary>
    /// <param name="length">Positions of the whole prompt, virtual tokens and prefix included.</param>
    internal bool Serves(int length)
    {
        // What stands before the tokens is not counted alike in the first forward and in later ones.
        if (_switch > 0) return Length == _tokens.Count && _beyond == length > _switch;
        return Math.Max(length, _longest) <= _fixedUpTo;
    }

    /// <summary>A copy of the first positions, for another sequence that begins with them.</summary>
    /// <param name="length">How many.</param>
    /// <param name="room">Positions to make room for.</param>
    /// <exception cref="InvalidOperationException">A sliding window no longer holds what they see (<see cref="CanTruncate"/>).</exception>
    public KeyValueCache Copy(int length, int room)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        var copy = new KeyValueCache(_config, _type, _device) { Length = length, _lead = _lead, _beyond = _beyond, _longest = _longest };
        try
        {
            for (int i = 0; i < _blocks.Length; i++) _blocks[i].CopyTo(copy._blocks[i], length, room);
            if (_switch > 0) copy._tokens.AddRange(_tokens.Take(length - _lead));
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var block in _blocks) block.Dispose();
    }

    private void Forget(int length)
    {
        foreach (var block in _blocks) block.Truncate(length);
        Length = Math.Min(Length, length);
    }

    private sealed class BlockCache(int heads, int width, int window, ScalarType type, Device device) : IDisposable
    {
        private const int SmallestCapacity = 64;

        private Tensor? _keys;
        private Tensor? _values;
        private int _first; // position of row 0
        private long _capacity;

        public int Length { get; private set; }

        public long Bytes => _keys is null ? 0 : 2 * _keys.ByteCount();

        public KeyValueSlots Extend(int n)
        {
            int reached = FirstSeen(Length);
            Reserve(reached, Length + n);
            Length += n;
            return new KeyValueSlots(_keys!, _values!, reached - _first, Length - reached);
        }

        public bool Reaches(int length) => length == 0 || length >= Length || FirstSeen(length) >= _first;

        public void Truncate(int length)
        {
            if (length >= Length) return;
            Require(length);
            if (length == 0) _first = 0;
            Length = length;
        }

        public void CopyTo(BlockCache other, int length, int room)
        {
            Require(length);
            if (length == 0) return;
            int from = FirstSeen(length);
            long capacity = Math.Max(SmallestCapacity, window == 0 ? Math.Max(length, room) : length - from + window);
            other._keys = Rows(_keys, from, length, capacity);
            other._values = Rows(_values, from, length, capacity);
            (other._first, other._capacity, other.Length) = (from, capacity, length);
        }

        public void Dispose()
        {
            _keys?.Dispose();
            _values?.Dispose();
            (_keys, _values) = (null, null);
        }

        // Makes room up to a position; drops what lies before the first one that is still reached.
        private void Reserve(int reached, int end)
        {
            long needed = end - reached, room = window == 0 ? Math.Max(needed, 2 * _capacity) : needed + window;
            room = Math.Max(room, SmallestCapacity);
            bool oversized = window > 0 && _capacity > 2 * room;
            if (_keys is not null && end - _first <= _capacity && !oversized) return;
            var (keys, values) = (_keys, _values);
            (_keys, _values) = (Rows(keys, reached, Length, room), Rows(values, reached, Length, room));
            (_first, _capacity) = (reached, room);
            keys?.Dispose();
            values?.Dispose();
        }

        // First position that one at the end of so many sees.
        private int FirstSeen(int length) => window == 0 ? 0 : Math.Max(0, length - window + 1);

        private void Require(int length)
        {
            if (!Reaches(length))
                throw new InvalidOperationException($"The cache holds positions {_first}..{Length - 1} of a sliding window of {window}; it cannot go back to {length}.");
        }

        // Positions from..end in a tensor of their own with room for more.
        private Tensor Rows(Tensor? source, int from, int end, long capacity)
        {
            var rows = empty([heads, capacity, width], dtype: type, device: device).Owned();
            if (source is not null && end > from)
            {
                using var old = source.narrow(1, from - _first, end - from);
                using var own = rows.narrow(1, 0, end - from);
                own.copy_(old);
            }
            return rows;
        }
    }
}
