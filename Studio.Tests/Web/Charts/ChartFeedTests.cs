using Studio.Core.Telemetry;
using Studio.Web.Charts;
using Studio.Web.Components.Shared;
using Studio.Web.Theme;

namespace Studio.Tests.Web.Charts;

public sealed class ChartFeedTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly SeriesKey Key = new("run", "loss");
    private static readonly SeriesKey Other = new("other", "loss");

    private readonly MetricStore _metrics = new(new ChangeSignal());

    [Fact]
    public void Read_First_ReturnsEverythingAndThenOnlyWhatIsNew()
    {
        Add(Key, 1, 2);
        var feed = new SeriesFeed(_metrics, Key, XAxis.Step, 0);

        var first = feed.Read();
        Add(Key, 3);
        var second = feed.Read();

        Assert.True(first.Restarted);
        Assert.Equal([1d, 2d], first.Xs);
        Assert.False(second.Restarted);
        Assert.Equal([3d], second.Xs);
        Assert.False(feed.Read() is { Xs.Count: > 0 });
    }

    [Fact]
    public void Read_NoSuchSeriesYet_IsAnEmptyStart()
    {
        var feed = new SeriesFeed(_metrics, Key, XAxis.Step, 0);

        Assert.True(feed.Read().Restarted);
        Add(Key, 1);

        Assert.Equal([1d], feed.Read().Xs);
    }

    [Fact]
    public void Read_NewestOnly_BeginsWithThem()
    {
        Add(Key, 1, 2, 3);
        var feed = new SeriesFeed(_metrics, Key, XAxis.Step, 0, newest: 2);

        Assert.Equal([2d, 3d], feed.Read().Xs);
        Add(Key, 4);
        Assert.Equal([4d], feed.Read().Xs);
    }

    [Fact]
    public void Read_InPieces_SmoothsAsInOneGo()
    {
        var pieces = new SeriesFeed(_metrics, Key, XAxis.Step, 0.8);
        List<double> smoothed = [.. pieces.Read().Smoothed];
        for (var step = 1; step <= 5; step++)
        {
            Add(Key, step);
            smoothed.AddRange(pieces.Read().Smoothed);
        }

        Assert.Equal(new SeriesFeed(_metrics, Key, XAxis.Step, 0.8).Read().Smoothed, smoothed);
    }

    [Fact]
    public void Read_VeryMany_IsThinnedOutAndKeepsBothEnds()
    {
        Add(Key, [.. Enumerable.Range(1, 2_000)]);

        var slice = new SeriesFeed(_metrics, Key, XAxis.Step, 0.5).Read();

        Assert.InRange(slice.Xs.Count, 100, SeriesFeed.FreshPoints);
        Assert.Equal((1d, 2_000d), (slice.Xs[0], slice.Xs[^1]));
        Assert.Equal(slice.Xs.Count, slice.Smoothed.Count);
    }

    [Fact]
    public void Read_DrawnTooMuch_StartsOver()
    {
        var feed = new SeriesFeed(_metrics, Key, XAxis.Step, 0);
        feed.Read();
        var restarts = 0;
        for (var step = 1; step <= SeriesFeed.MostPoints + 1; step++)
        {
            Add(Key, step);
            var slice = feed.Read();
            if (slice.Restarted && step > 1)
            {
                restarts++;
                Assert.InRange(slice.Xs.Count, 100, SeriesFeed.FreshPoints);
            }
        }

        Assert.InRange(restarts, 1, 3);
    }

    [Fact]
    public void Read_SeriesRemoved_ReplacesWithNothing()
    {
        Add(Key, 1);
        var feed = new ChartFeed(_metrics, [Line(Key)], XAxis.Step, 0);
        feed.Read();

        _metrics.Remove(Key.Owner);
        var update = feed.Read();

        Assert.True(update.Replaces);
        Assert.Empty(update.Points);
    }

    [Fact]
    public void Read_OneOfTwoStartsOver_BothAreDrawnAgain()
    {
        Add(Key, 1);
        Add(Other, 1, 2);
        var feed = new ChartFeed(_metrics, [Line(Key), Line(Other)], XAxis.Step, 0);
        feed.Read();

        _metrics.Remove(Key.Owner);
        Add(Key, 7);
        var update = feed.Read();

        Assert.True(update.Replaces);
        Assert.Equal([7d], update.Points[0].Xs);
        Assert.Equal([1d, 2d], update.Points[1].Xs);
    }

    [Fact]
    public void Read_Smoothed_DrawsTheMeasuredValuesToo()
    {
        Add(Key, 1, 2);

        var points = new ChartFeed(_metrics, [Line(Key)], XAxis.Step, 0.6).Read().Points;

        Assert.Equal(["run/loss/raw", "run/loss"], points.Select(part => part.SeriesId));
        Assert.Equal([1d, 0.5], points[0].Ys);
        Assert.NotEqual(points[0].Ys, points[1].Ys);
    }

    [Fact]
    public void SeriesOf_Smoothed_PutsFaintLinesBehind()
    {
        var series = ChartFeed.SeriesOf([Line(Key), Line(Other) with { Sparse = true }], 0.6);

        Assert.Equal([LineEmphasis.Faint, LineEmphasis.Plain, LineEmphasis.Marked], series.Select(line => line.Emphasis));
        Assert.Equal(["run/loss/raw", "run/loss", "other/loss"], series.Select(line => line.Id));
    }

    [Fact]
    public void Read_TimeAxis_CountsFromTheOriginOrTheFirstPoint()
    {
        Add(Key, 1, 2);

        Assert.Equal([0d, 1d], new SeriesFeed(_metrics, Key, XAxis.Time, 0).Read().Xs);
        Assert.Equal([3d, 4d], new SeriesFeed(_metrics, Key, XAxis.Time, 0, Start.AddMinutes(-2)).Read().Xs);
    }

    [Fact]
    public void LossTrail_GrowingSeries_KeepsItsShapeInAFewPoints()
    {
        var trail = new LossTrail(_metrics, Key);
        Add(Key, 1, 2);
        Assert.Equal([1d, 0.5], trail.Read());

        Add(Key, [.. Enumerable.Range(3, 998)]);
        var curve = trail.Read();

        Assert.InRange(curve.Count, 20, LossTrail.MostPoints);
        Assert.Equal((1d, 0.001), (curve[0], curve[^1]));
    }

    private static ChartLine Line(SeriesKey key) => new(key, key.Owner, new SeriesStyle(0));

    // The value of step n is 1/n, at n minutes after the start.
    private void Add(SeriesKey key, params int[] steps) =>
        _metrics.AddRange(key, steps.Select(step => new MetricPoint(step, 1d / step, Start.AddMinutes(step), step / 10d, step * 100)));
}
