using Studio.Core.Telemetry;
using Studio.Web.Charts;

namespace Studio.Tests.Web.Charts;

public sealed class ChartMathTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly MetricPoint Point = new(40, 1.5, Start.AddSeconds(90), 0.25, 12_000);

    [Theory]
    [InlineData(XAxis.Step, 40)]
    [InlineData(XAxis.Epoch, 0.25)]
    [InlineData(XAxis.Tokens, 12_000)]
    [InlineData(XAxis.Time, 1.5)]
    public void Position_EachAxis_TakesItsQuantity(XAxis axis, double expected) => Assert.Equal(expected, XAxes.PositionOf(axis, Point, Start));

    [Fact]
    public void Position_Clock_IsLocalTimeOfDay() =>
        Assert.Equal(Point.Time.ToOffset(DateTimeOffset.Now.Offset).DateTime, DateTime.UnixEpoch.AddMilliseconds(XAxes.PositionOf(XAxis.Clock, Point, Start)));

    [Fact]
    public void Position_BeforeTheRunBegan_IsZero() => Assert.Equal(0, XAxes.PositionOf(XAxis.Time, Point, Start.AddHours(1)));

    [Fact]
    public void Smoothing_WeightZero_ChangesNothing()
    {
        var average = new ExponentialSmoothing(0);

        Assert.Equal([3d, -1d, 7d], new[] { 3d, -1d, 7d }.Select(average.Next));
    }

    [Fact]
    public void Smoothing_Values_AreTheWeightedMeanOfAllSoFar()
    {
        double[] values = [4, 2, 6, 1];
        const double Weight = 0.6;
        var average = new ExponentialSmoothing(Weight);

        for (var last = 0; last < values.Length; last++)
        {
            // The closed form: value i weighs 0.6^(last - i), and the weights are scaled to sum to 1.
            var weights = Enumerable.Range(0, last + 1).Select(i => Math.Pow(Weight, last - i)).ToArray();
            var expected = weights.Select((weight, i) => weight * values[i]).Sum() / weights.Sum();
            Assert.Equal(expected, average.Next(values[last]), 12);
        }
    }

    [Fact]
    public void Smoothing_NotFinite_PassesThroughAndIsForgotten()
    {
        var average = new ExponentialSmoothing(0.9);
        average.Next(2);

        Assert.True(double.IsNaN(average.Next(double.NaN)));
        Assert.Equal(2, average.Next(2), 12);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void Smoothing_WeightOutOfRange_IsRefused(double weight) => Assert.Throws<ArgumentOutOfRangeException>(() => new ExponentialSmoothing(weight));

    [Fact]
    public void Keep_FewerThanTheMost_KeepsAll() => Assert.Equal([0, 1, 2, 3, 4], Decimation.Keep([5, 4, 3, 2, 1], 5));

    [Fact]
    public void Keep_ManyPoints_KeepsEndsAndExtremesInOrder()
    {
        double[] values = [.. Enumerable.Range(0, 10_000).Select(i => Math.Sin(i / 500d))];
        values[3_333] = 50;
        values[6_666] = -50;

        var kept = Decimation.Keep(values, 100);

        Assert.True(kept.Count <= 100);
        Assert.Equal(kept.Order(), kept);
        Assert.Equal(kept.Distinct(), kept);
        Assert.Equal([0, 9_999], new[] { kept[0], kept[^1] });
        Assert.Contains(3_333, kept);
        Assert.Contains(6_666, kept);
    }

    [Fact]
    public void Keep_NotANumber_StaysVisible()
    {
        double[] values = [.. Enumerable.Repeat(1d, 1_000)];
        values[500] = double.NaN;

        Assert.Contains(500, Decimation.Keep(values, 20));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(101)]
    public void Keep_OnePointTooMany_KeepsNoMoreThanTheMost(int most)
    {
        double[] values = [.. Enumerable.Range(0, most + 1).Select(i => (double)(i * 7 % 11))];

        var kept = Decimation.Keep(values, most);

        Assert.InRange(kept.Count, 2, most);
        Assert.Equal(most, kept[^1]);
    }
}
