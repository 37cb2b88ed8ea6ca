using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Tests.Telemetry;
using Studio.Web.Monitoring;

namespace Studio.Tests.Web.Monitoring;

public sealed class TimelineSlotsTests
{
    private const int Bytes = TimelineSlots.BytesPerSlot;

    private readonly TestTimeProvider _clock = new();
    private readonly TimelineSlots _slots;

    public TimelineSlotsTests()
    {
        _slots = new TimelineSlots(_clock);
        _slots.Advance();
    }

    [Fact]
    public void Add_ProductOverThreeSlots_GivesEachItsPart()
    {
        Move(2);
        _slots.Add("m", Span(-30, 5, CallDirection.Forward, "a"));
        _slots.Add("m", Span(-20, -15, CallDirection.Backward, "a"));

        var column = Columns(_slots.Take(), lane: 0);

        // 10 of 20 ms, then 20 and 5 of them; backward 5.
        Assert.Equal([(127, 0, 0), (255, 63, 0), (63, 0, 0)], column[^3..]);
        Assert.All(column[..^3], slot => Assert.Equal((0, 0, 0), slot));
        var shares = _slots.SharesOf(_slots.Lanes[0].Id);
        Assert.Equal(35d / 5000, shares.Forward, 6);
        Assert.Equal(5d / 5000, shares.Backward, 6);
        Assert.Equal(40d / 5000, shares.Busy, 6);
    }

    [Fact]
    public void Add_SharedProduct_IsInTheLanesOfAllItsClients()
    {
        _slots.Add("m", Span(0, 10, CallDirection.Forward, "a", "b"));
        _slots.Add("m", Span(10, 15, CallDirection.Forward, "b"));

        var frame = _slots.Take();

        Assert.Equal(["a", "b"], _slots.Lanes.Select(lane => lane.Client));
        Assert.Equal((127, 0, 127), Columns(frame, 0)[^1]);
        Assert.Equal((191, 0, 127), Columns(frame, 1)[^1]);
    }

    [Fact]
    public void Add_SameNameOnAnotherModel_IsAnotherLane()
    {
        _slots.Add("m", Span(0, 10, CallDirection.Forward, "chat"));
        _slots.Add("n", Span(0, 10, CallDirection.Forward, "chat"));

        Assert.Equal(["m", "n"], _slots.Lanes.Select(lane => lane.ModelId));
    }

    [Fact]
    public void Add_ProductsOutsideTheWindow_AreCutOff()
    {
        _slots.Add("m", Span(-9_000, -6_000, CallDirection.Forward, "gone"));
        _slots.Add("m", Span(-9_000, 10, CallDirection.Forward, "long"));

        Assert.Equal(["long"], _slots.Lanes.Select(lane => lane.Client));
        Assert.Equal((TimelineSlots.Count - 0.5) / TimelineSlots.Count, _slots.SharesOf(_slots.Lanes[0].Id).Forward, 6);
    }

    [Fact]
    public void Add_ShortestProduct_IsSeen()
    {
        _slots.Add("m", Span(0, 0.01, CallDirection.Forward, "a"));

        Assert.Equal((1, 0, 0), Columns(_slots.Take(), 0)[^1]);
    }

    [Fact]
    public void Take_FirstAndLater_HasEverythingAndThenOnlyWhatChanged()
    {
        _slots.Add("m", Span(0, 1, CallDirection.Forward, "a"));
        Assert.Equal(TimelineSlots.Count, _slots.Take().Columns);

        Move(3);
        var quiet = _slots.Take();
        Move(1);
        _slots.Add("m", Span(-90, -50, CallDirection.Forward, "a"));
        var late = _slots.Take();

        // The slot that was the newest is sent again: it was not over.
        Assert.Equal((4, 4 * Bytes), (quiet.Columns, quiet.Data.Length));
        Assert.Equal(quiet.Newest + 1, late.Newest);
        // A product is known when it ends: its beginning changes slots that were sent.
        Assert.Equal(6, late.Columns);
        Assert.Equal([127, 255, 127, 0, 0, 0], Columns(late, 0).Select(slot => slot.Forward));
    }

    [Fact]
    public void Advance_PastTheWindow_EverythingHasLeft()
    {
        _slots.Add("m", Span(0, 20, CallDirection.Forward, "a"));
        Move(TimelineSlots.Count - 1);
        Assert.Equal(1d / TimelineSlots.Count, _slots.SharesOf(_slots.Lanes[0].Id).Forward, 6);

        Move(1);

        Assert.Equal(0, _slots.SharesOf(_slots.Lanes[0].Id).Forward);
        Move(10 * TimelineSlots.Count);
        Assert.Equal(TimelineSlots.Count, _slots.Take().Columns);
    }

    [Fact]
    public void Attach_ClientLeft_StaysAsLongAsItsProductsAreSeen()
    {
        _slots.Attach([("m", "chat", true), ("m", "a", false)]);
        _slots.Add("m", Span(0, 20, CallDirection.Backward, "a"));

        _slots.Attach([("m", "chat", true)]);
        Assert.Equal(["chat", "a"], _slots.Lanes.Select(lane => lane.Client));
        Assert.Equal([true, false], _slots.Lanes.Select(lane => lane.Interactive));
        Move(TimelineSlots.Count);
        _slots.Attach([("m", "chat", true)]);

        Assert.Equal(["chat"], _slots.Lanes.Select(lane => lane.Client));
    }

    private void Move(int slots)
    {
        _clock.Advance(slots * TimelineSlots.Length);
        _slots.Advance();
    }

    // In milliseconds from the start of the newest slot.
    private ExecutorSpan Span(double start, double end, CallDirection direction, params string[] clients)
    {
        long zero = _clock.GetTimestamp() / TimelineSlots.Length.Ticks * TimelineSlots.Length.Ticks;
        return new ExecutorSpan(zero + (long)(start * TimeSpan.TicksPerMillisecond), zero + (long)(end * TimeSpan.TicksPerMillisecond), LayerId.Head, direction, 1, clients);
    }

    private static (int Forward, int Backward, int Shared)[] Columns(TimelineFrame frame, int lane) =>
        [.. frame.Data.Skip(lane * frame.Columns * Bytes).Take(frame.Columns * Bytes).Chunk(Bytes).Select(slot => ((int)slot[0], (int)slot[1], (int)slot[2]))];
}
