using Studio.Core.Execution;

namespace Studio.Web.Monitoring;

/// <summary>A client of a base model, as a lane of the timeline.</summary>
/// <param name="Id">Names the lane in frames.</param>
/// <param name="ModelId">The base model.</param>
/// <param name="Client">The client's name.</param>
public sealed record TimelineLane(int Id, string ModelId, string Client)
{
    /// <summary>Whether it serves chats rather than trains.</summary>
    public bool Interactive { get; init; }
}

/// <summary>Shares of the time of a window, each 0 to 1.</summary>
/// <param name="Forward">In forward products.</param>
/// <param name="Backward">In backward products.</param>
/// <param name="Shared">In products shared with another client, part of the other two.</param>
public readonly record struct LaneShares(double Forward, double Backward, double Shared)
{
    /// <summary>In products at all.</summary>
    public double Busy => Forward + Backward;
}

/// <summary>What changed of a timeline: the newest columns of every lane.</summary>
/// <param name="Newest">Number of the newest slot, counted from the clock's zero.</param>
/// <param name="Columns">How many columns there are, the last being the newest slot.</param>
/// <param name="Lanes">Ids of the lanes, from the top.</param>
/// <param name="Data">Lane by lane and column by column three bytes: forward, backward, shared, in 255ths of the slot.</param>
public sealed record TimelineFrame(long Newest, int Columns, IReadOnlyList<int> Lanes, byte[] Data);

/// <summary>
/// Divides the last seconds into slots of equal length and says of each how much of it every client spent in products: a picture of
/// thousands of products in a few bytes, of which only the changed end travels.
/// </summary>
/// <param name="clock">Clock whose time stamps the products have.</param>
public sealed class TimelineSlots(TimeProvider clock)
{
    /// <summary>Slots of the window.</summary>
    public const int Count = 250;

    /// <summary>Bytes of a slot in a frame.</summary>
    public const int BytesPerSlot = 3;

    /// <summary>Length of a slot.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromMilliseconds(20);

    private readonly long _slot = Math.Max(1, (long)(Length.TotalSeconds * clock.TimestampFrequency));
    private readonly List<(TimelineLane Lane, float[] Forward, float[] Backward, float[] Shared)> _lanes = [];
    private int _lastId;
    private long _newest;
    private long _oldestChanged;

    /// <summary>The lanes, from the top.</summary>
    public IReadOnlyList<TimelineLane> Lanes => [.. _lanes.Select(lane => lane.Lane)];

    /// <summary>Time stamp at which the window begins.</summary>
    public long Start => Oldest * _slot;

    private long Oldest => _newest - Count + 1;

    /// <summary>Moves the window to now: the oldest slots leave, empty ones come.</summary>
    public void Advance()
    {
        long now = clock.GetTimestamp() / _slot;
        for (long slot = Math.Max(_newest + 1, now - Count + 1); slot <= now; slot++)
        {
            foreach (var (_, forward, backward, shared) in _lanes)
                forward[Place(slot)] = backward[Place(slot)] = shared[Place(slot)] = 0;
        }
        _newest = Math.Max(_newest, now);
        _oldestChanged = Math.Max(_oldestChanged, Oldest);
    }

    /// <summary>Forgets everything; the next frame has all columns.</summary>
    public void Clear()
    {
        _lanes.Clear();
        _oldestChanged = 0;
        Advance();
    }

    /// <summary>Sets the lanes to the attached clients and those that left within the window.</summary>
    public void Attach(IEnumerable<(string ModelId, string Client, bool Interactive)> clients)
    {
        var attached = new HashSet<int>();
        foreach (var (model, client, interactive) in clients)
        {
            int index = IndexOf(model, client);
            var lane = _lanes[index];
            _lanes[index] = lane with { Lane = lane.Lane with { Interactive = interactive } };
            attached.Add(lane.Lane.Id);
        }
        _lanes.RemoveAll(lane => !attached.Contains(lane.Lane.Id) && Array.TrueForAll(lane.Forward, part => part == 0) && Array.TrueForAll(lane.Backward, part => part == 0));
    }

    /// <summary>Adds a product of a base model to the lanes of its clients.</summary>
    public void Add(string modelId, in ExecutorSpan span)
    {
        long first = Math.Max(Oldest, span.Start / _slot), last = Math.Min(_newest, span.End / _slot);
        if (first > last)
            return;
        _oldestChanged = Math.Min(_oldestChanged, first);
        foreach (string client in span.Clients)
        {
            var (_, forward, backward, shared) = _lanes[IndexOf(modelId, client)];
            var direction = span.Direction == CallDirection.Forward ? forward : backward;
            for (long slot = first; slot <= last; slot++)
            {
                float part = (float)(Math.Min(span.End, (slot + 1) * _slot) - Math.Max(span.Start, slot * _slot)) / _slot;
                direction[Place(slot)] += part;
                if (span.Clients.Count > 1)
                    shared[Place(slot)] += part;
            }
        }
    }

    /// <summary>What a lane did in the window.</summary>
    public LaneShares SharesOf(int laneId)
    {
        var (_, forward, backward, shared) = _lanes.Find(lane => lane.Lane.Id == laneId);
        return forward is null ? default : new LaneShares(forward.Sum() / Count, backward.Sum() / Count, shared.Sum() / Count);
    }

    /// <summary>The columns that changed since the last frame; those of the newest slot are always among them, because it is not over yet.</summary>
    public TimelineFrame Take()
    {
        int columns = (int)(_newest - _oldestChanged + 1);
        var data = new byte[_lanes.Count * columns * BytesPerSlot];
        int at = 0;
        foreach (var (_, forward, backward, shared) in _lanes)
        {
            for (long slot = _oldestChanged; slot <= _newest; slot++)
            {
                data[at++] = ToByte(forward[Place(slot)]);
                data[at++] = ToByte(backward[Place(slot)]);
                data[at++] = ToByte(shared[Place(slot)]);
            }
        }
        _oldestChanged = _newest;
        return new TimelineFrame(_newest, columns, [.. _lanes.Select(lane => lane.Lane.Id)], data);
    }

    private static int Place(long slot) => (int)(slot % Count);

    // What is there at all is seen: a byte of at least one.
    private static byte ToByte(float part) => part <= 0 ? (byte)0 : (byte)Math.Clamp(part * 255, 1, 255);

    private int IndexOf(string modelId, string client)
    {
        int index = _lanes.FindIndex(lane => lane.Lane.ModelId == modelId && lane.Lane.Client == client);
        if (index >= 0)
            return index;
        _lanes.Add((new TimelineLane(++_lastId, modelId, client), new float[Count], new float[Count], new float[Count]));
        return _lanes.Count - 1;
    }
}
