using Studio.Core.Telemetry;

namespace Studio.Tests.Telemetry;

public sealed class MetricStoreTests
{
    private static readonly SeriesKey Loss = new("run", "loss");
    private readonly TestTimeProvider time = new();
    private readonly MetricStore store;

    public MetricStoreTests() => store = new MetricStore(new ChangeSignal(time), new MetricStoreOptions { RecentPoints = 8, HistoryBuckets = 4 });

    [Fact]
    public void Read_WithCursor_ReturnsOnlyWhatIsNew()
    {
        Add(1, 2);
        var first = store.Read(Loss);
        Add(3);
        var second = store.Read(Loss, first.Cursor);
        var third = store.Read(Loss, second.Cursor);

        Assert.True(first.Restarted);
        Assert.Equal([1, 2], Steps(first));
        Assert.False(second.Restarted);
        Assert.Equal([3], Steps(second));
        Assert.Empty(third.Points);
    }

    [Fact]
    public void Read_AfterOldPointsWereThinnedOut_StartsOverWithTheWholeSeries()
    {
        Add([.. Enumerable.Range(1, 8)]);
        var before = store.Read(Loss);
        Add(9);

        var after = store.Read(Loss, before.Cursor);

        Assert.True(after.Restarted);
        Assert.NotEqual(before.Cursor.Generation, after.Cursor.Generation);
        Assert.Equal(1, Steps(after)[0]);
        Assert.Equal(9, Steps(after)[^1]);
    }

    [Fact]
    public void Read_LongSeries_StaysBoundedAndKeepsBothEnds()
    {
        Add([.. Enumerable.Range(1, 10_000)]);

        var steps = Steps(store.Read(Loss));

        Assert.InRange(steps.Length, 8, 8 + (2 * 4) + 1);
        Assert.Equal(1, steps[0]);
        Assert.Equal(10_000, steps[^1]);
        Assert.Equal(steps.Order().Distinct(), steps);
    }

    [Fact]
    public void Read_LongSeriesWithASpikeAndADip_KeepsBoth()
    {
        for (var step = 1; step <= 10_000; step++)
        {
            store.Add(Loss, Point(step, step switch { 3_000 => 100, 7_001 => -100, _ => 1 }));
        }

        var points = store.Read(Loss).Points;

        Assert.Equal(3_000, points.MaxBy(p => p.Value).Step);
        Assert.Equal(7_001, points.MinBy(p => p.Value).Step);
    }

    [Fact]
    public void Read_LongSeriesWithOneNaN_KeepsIt()
    {
        for (var step = 1; step <= 1_000; step++)
        {
            store.Add(Loss, Point(step, step == 500 ? double.NaN : 1));
        }

        Assert.Contains(store.Read(Loss).Points, p => double.IsNaN(p.Value) && p.Step == 500);
    }

    [Fact]
    public void Read_OldPartOfALongSeries_IsThinnedEvenly()
    {
        Add([.. Enumerable.Range(1, 4_096)]);

        var steps = Steps(store.Read(Loss));

        // Four buckets at most, all of one length except the last: no gap is longer than a quarter of the series or so.
        Assert.All(steps.Zip(steps.Skip(1), (a, b) => b - a), gap => Assert.InRange(gap, 1, 2_048));
    }

    [Fact]
    public void Read_RemovedAndBegunAnew_StartsOver()
    {
        Add(1, 2, 3);
        var before = store.Read(Loss);

        store.Remove("run");
        var gone = store.Read(Loss, before.Cursor);
        Add(7);
        var anew = store.Read(Loss, before.Cursor);

        Assert.True(gone.Restarted);
        Assert.Empty(gone.Points);
        Assert.True(anew.Restarted);
        Assert.Equal([7], Steps(anew));
    }

    [Fact]
    public void Latest_SeriesOfAnOwner_AreItsOwn()
    {
        Add(1);
        store.Add(new("run", "eval"), Point(2, 5));
        store.Add(new("other", "loss"), Point(3, 6));

        Assert.Equal(["eval", "loss"], store.Series("run"));
        Assert.Equal(5, store.Latest(new("run", "eval"))!.Value.Value);
        Assert.Null(store.Latest(new("run", "nothing")));
        Assert.Empty(store.Series("nobody"));
    }

    [Fact]
    public void Add_Point_SignalsItsOwner()
    {
        var calls = 0;
        using var subscription = store.Changes.Subscribe("run", () =>
        {
            calls++;
            return Task.CompletedTask;
        });

        store.Add(new("other", "loss"), Point(1, 1));
        time.Advance(TimeSpan.Zero);
        Assert.Equal(0, calls);
        store.AddRange(Loss, [Point(1, 1), Point(2, 1)]);
        time.Advance(TimeSpan.Zero);

        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task Read_WhileOthersWrite_SeesEveryPointOnceAndInOrder()
    {
        const int Count = 20_000;
        var wide = new MetricStore(new ChangeSignal(time), new MetricStoreOptions { RecentPoints = Count });
        var writer = Task.Run(() =>
        {
            for (var step = 1; step <= Count; step++)
            {
                wide.Add(Loss, Point(step, step));
            }
        }, TestContext.Current.CancellationToken);

        var seen = new List<long>();
        var cursor = default(MetricCursor);
        while (seen.Count < Count)
        {
            var slice = wide.Read(Loss, cursor);
            cursor = slice.Cursor;
            seen.AddRange(slice.Points.Select(p => p.Step));
        }

        await writer;
        Assert.Equal(Enumerable.Range(1, Count).Select(i => (long)i), seen);
    }

    private static long[] Steps(MetricSlice slice) => [.. slice.Points.Select(p => p.Step)];

    private MetricPoint Point(long step, double value) => new(step, value, time.GetUtcNow(), step / 10.0, step * 512);

    private void Add(params int[] steps)
    {
        foreach (var step in steps)
        {
            store.Add(Loss, Point(step, step));
        }
    }
}
