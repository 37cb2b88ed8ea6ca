using Microsoft.Extensions.Logging;
using Studio.Core.Storage;
using Studio.Tests.Telemetry;

namespace Studio.Tests.Storage;

public sealed class MetricPersistenceTests : IAsyncLifetime
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;
    private readonly TestDirectory folder = new();
    private readonly TestTimeProvider time = new();
    private DataDirectory directory = null!;
    private StudioDatabase database = null!;
    private MetricPersistence metrics = null!;
    private long freeBytes = long.MaxValue;

    public async ValueTask InitializeAsync()
    {
        directory = new DataDirectory(folder.Root);
        database = await StudioDatabase.OpenAsync(directory, StudioSchema.Current, () => Volatile.Read(ref freeBytes), cancellation: Cancellation);
        await database.Runs.UpsertAsync(TestRecords.Run(), Cancellation);
        metrics = new MetricPersistence(database.Metrics, time);
    }

    public async ValueTask DisposeAsync()
    {
        await metrics.DisposeAsync();
        await database.DisposeAsync();
        directory.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Load_PointsAddedInSeveralFlushes_ReturnsAllInOrder()
    {
        for (var step = 1; step <= 1000; step++)
        {
            metrics.Add("run", "loss", Point(step));
            if (step % 130 == 0)
            {
                await metrics.FlushAsync(Cancellation);
            }
        }

        var loaded = await metrics.LoadAsync("run", Cancellation);

        Assert.Equal(Enumerable.Range(1, 1000).Select(s => Point(s)), loaded["loss"]);
        Assert.Equal([0, 256, 512, 768], (await database.Metrics.ReadAsync("run", Cancellation)).Select(c => c.FirstIndex));
    }

    [Fact]
    public async Task Load_ExtremeValues_ReturnsThemExactly()
    {
        StoredPoint[] points =
        [
            new(long.MaxValue, double.NaN, TestRecords.Moment, double.Epsilon, long.MinValue),
            new(0, double.NegativeInfinity, DateTimeOffset.MinValue, -0.0, 9_007_199_254_740_993),
        ];
        foreach (var point in points)
        {
            metrics.Add("run", "loss", point);
        }

        Assert.Equal(points, (await metrics.LoadAsync("run", Cancellation))["loss"]);
    }

    [Fact]
    public async Task Load_SeriesWhoseNamesContainEachOther_KeepsThemApart()
    {
        string[] names = ["eval", "eval/loss", "eval%2Floss", "eval0"];
        for (var step = 1; step <= 300; step++)
        {
            foreach (var name in names)
            {
                metrics.Add("run", name, Point(step));
            }

            if (step == 150)
            {
                await metrics.FlushAsync(Cancellation);
            }
        }

        var loaded = await metrics.LoadAsync("run", Cancellation);

        Assert.Equal(names.Order(StringComparer.Ordinal), loaded.Keys.Order(StringComparer.Ordinal));
        Assert.All(loaded.Values, points => Assert.Equal(Enumerable.Range(1, 300).Select(s => Point(s)), points));
    }

    [Fact]
    public async Task Add_AfterTheInterval_IsWrittenWithoutAskingFor()
    {
        metrics.Add("run", "loss", Point(1));
        Assert.Empty(await database.Metrics.ReadAsync("run", Cancellation));

        time.Advance(MetricPersistence.DefaultInterval);

        // The timer queued its write before this read.
        Assert.Single(await database.Metrics.ReadAsync("run", Cancellation));
    }

    [Fact]
    public async Task Flush_DiskFull_KeepsThePointsForTheNextOne()
    {
        metrics.Add("run", "loss", Point(1));
        Volatile.Write(ref freeBytes, 0);
        await Assert.ThrowsAsync<StorageException>(() => metrics.FlushAsync(Cancellation));
        metrics.Add("run", "loss", Point(2));
        Volatile.Write(ref freeBytes, long.MaxValue);

        Assert.Equal([Point(1), Point(2)], (await metrics.LoadAsync("run", Cancellation))["loss"]);
    }

    [Fact]
    public async Task Dispose_WithUnsavedPoints_WritesThem()
    {
        metrics.Add("run", "loss", Point(1));

        await metrics.DisposeAsync();

        Assert.Single(await database.Metrics.ReadAsync("run", Cancellation));
        metrics = new MetricPersistence(database.Metrics, time);
    }

    [Fact]
    public async Task Rewind_ToACheckpoint_DropsLaterPointsAndGoesOnFromThere()
    {
        for (var step = 1; step <= 600; step++)
        {
            metrics.Add("run", "loss", Point(step));
        }

        metrics.Add("run", "eval", Point(100));
        await metrics.RewindAsync("run", 300, Cancellation);
        metrics.Add("run", "loss", Point(301, value: 7));

        var loaded = await metrics.LoadAsync("run", Cancellation);
        Assert.Equal([.. Enumerable.Range(1, 300).Select(s => Point(s)), Point(301, value: 7)], loaded["loss"]);
        Assert.Equal([Point(100)], loaded["eval"]);
    }

    [Fact]
    public async Task DeleteRun_WithMetricsAndLog_RemovesThemAndNoOthers()
    {
        await database.Runs.UpsertAsync(TestRecords.Run("run2"), Cancellation);
        foreach (var run in new[] { "run", "run2" })
        {
            metrics.Add(run, "loss", Point(1));
            await database.RunLog.AppendAsync(run, TestRecords.Moment, LogLevel.Information, "begun", Cancellation);
        }

        await metrics.FlushAsync(Cancellation);
        await database.Runs.DeleteAsync("run", Cancellation);
        metrics.Add("run", "loss", Point(2));

        Assert.Empty(await metrics.LoadAsync("run", Cancellation));
        Assert.Empty(await database.RunLog.ReadAsync("run", cancellation: Cancellation));
        Assert.Single(await metrics.LoadAsync("run2", Cancellation));
        Assert.Single(await database.RunLog.ReadAsync("run2", cancellation: Cancellation));
    }

    [Fact]
    public void Unpack_TornBytes_SaysWhatWasFoundAndWanted()
    {
        var error = Assert.Throws<InvalidDataException>(() => StoredPoint.Unpack(new byte[StoredPoint.Size + 1]));

        Assert.Contains("41", error.Message, StringComparison.Ordinal);
    }

    private static StoredPoint Point(long step, double? value = null) =>
        new(step, value ?? (1.0 / step), TestRecords.Moment.AddTicks(step), step / 7.0, step * 512);
}
