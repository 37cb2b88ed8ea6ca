using Studio.Core.Serving;
using Studio.Core.Telemetry;
using Studio.Core.Tensors;
using Studio.Web.Monitoring;

namespace Studio.Tests.Web.Monitoring;

public sealed class MemoryHistoryTests
{
    private static readonly GpuMemoryReading Gpu = new("Test GPU", 8L << 30, 512L << 20, 0);

    [Theory]
    [InlineData(false, new[] { 7d, 0d, 0d, 0d, 2d, 0d, 0d, 291d, 300d, 200d })]
    [InlineData(true, new[] { 7d, 0d, 0d, 0d, 2d, 0d, 0d, 291d, 300d, 200d, 512d })]
    public void Add_EveryLine_HasItsValueInMebibytes(bool hasGpu, double[] expected)
    {
        var metrics = new MetricStore(new ChangeSignal());

        new MemoryHistory(metrics).Add(Reading(hasGpu ? Gpu : null), DateTimeOffset.UnixEpoch);

        var values = MemoryHistory.Lines(hasGpu).Select(line => metrics.Latest(line.Key)?.Value);
        Assert.Equal(expected.Cast<double?>(), values);
    }

    [Fact]
    public void Lines_Areas_AddUpToWhatIsResident()
    {
        var metrics = new MetricStore(new ChangeSignal());

        new MemoryHistory(metrics).Add(Reading(null), DateTimeOffset.UnixEpoch);

        Assert.Equal(300, MemoryHistory.Lines(false).Where(line => line.Stacked).Sum(line => metrics.Latest(line.Key)!.Value.Value));
        Assert.Equal(9, MemoryHistory.Areas.Sum(line => metrics.Latest(line.Key)!.Value.Value));
    }

    [Fact]
    public void Add_OwnersHoldMoreThanIsResident_LeavesNoRest()
    {
        // Mapped weights come into memory when they are first read.
        var memory = new MemoryView(new MemoryReading(5 << 20, 5 << 20, 5 << 20, 8L << 30, null), new MemorySnapshot([new("m", MemoryCategory.Base, 7 << 20)]));

        Assert.Equal(0, MemoryText.RestOf(memory));
    }

    [Fact]
    public void Add_ForDays_StaysBounded()
    {
        var metrics = new MetricStore(new ChangeSignal(), new MetricStoreOptions { RecentPoints = 100, HistoryBuckets = 50 });
        var history = new MemoryHistory(metrics);

        for (var second = 0; second < 20_000; second += 2)
            history.Add(Reading(null), DateTimeOffset.UnixEpoch.AddSeconds(second));

        var points = metrics.Read(MemoryHistory.Lines(false)[0].Key).Points;
        Assert.InRange(points.Count, 50, 201);
        Assert.Equal(DateTimeOffset.UnixEpoch, points[0].Time);
    }

    private static MemoryView Reading(GpuMemoryReading? gpu) =>
        new(new MemoryReading(300 << 20, 200 << 20, 400 << 20, 8L << 30, gpu), new MemorySnapshot([new("m", MemoryCategory.Base, 7 << 20), new("c", MemoryCategory.KvCache, 2 << 20)]));
}
