using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Tests.Support;

namespace Studio.Tests.Execution;

public sealed class ExecutorCountersTests : TensorTest
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(4, 2)]
    [InlineData(5, 3)]
    [InlineData(1024, 10)]
    [InlineData(1025, 11)]
    public void Bucket_OfASize_HoldsIt(long size, int bucket)
    {
        Assert.Equal(bucket, SizeHistogram.BucketOf(size));
        Assert.InRange(Math.Max(1, size), SizeHistogram.From(bucket), SizeHistogram.To(bucket));
    }

    [Fact]
    public void Since_EarlierReading_LeavesWhatCameAfter() =>
        Assert.Equal([2L, 0L, 5L], new SizeHistogram([3, 4, 5]).Since(new SizeHistogram([1, 4])).Counts);

    [Fact]
    public void Timeline_MoreThanItKeeps_LosesTheOldest()
    {
        var timeline = new ExecutorTimeline(capacity: 3);
        for (int i = 1; i <= 5; i++) timeline.Add(new ExecutorSpan(10 * i, 10 * i + 5, LayerId.Head, CallDirection.Forward, i, ["a"]));

        Assert.Equal([3, 4, 5], timeline.Since(0).Select(span => span.Rows));
        Assert.Equal([5], timeline.Since(45).Select(span => span.Rows));
        Assert.Empty(timeline.Since(55));
    }

    [Fact]
    public void Calls_OfTwoClients_AreCountedAndDrawn()
    {
        using var rig = new ExecutorRig(BatchingPolicy.None);
        using var run = rig.Attach("run");
        using var chat = rig.Executor.Attach(new ClientOptions { Name = "chat", Phase = PassKind.Decode });
        var shape = rig.Model.Config.Describe(ExecutorRig.Layer);
        using var rows = rig.Rows(3, seed: 1);
        using var gradients = rig.Rows(5, seed: 2, direction: CallDirection.Backward);
        run.Forward(ExecutorRig.Layer, rows, ct: TestContext.Current.CancellationToken).Dispose();
        run.Backward(ExecutorRig.Layer, gradients, ct: TestContext.Current.CancellationToken).Dispose();
        chat.Forward(ExecutorRig.Layer, rows, ct: TestContext.Current.CancellationToken).Dispose();

        var counters = rig.Executor.Counters;

        // A multiply-add counts as two.
        Assert.Equal(2.0 * (3 + 5 + 3) * shape.InputFeatures * shape.OutputFeatures, counters.Operations);
        Assert.Equal([3L], counters.RequestsPerBatch.Counts);
        Assert.Equal([0L, 0L, 2L, 1L], counters.RowsPerBatch.Counts);
        Assert.True(rig.Executor.PeakOperations > 0);
        Assert.Equal([("run", false), ("chat", true)], counters.Clients.Select(client => (client.Name, client.Interactive)));
        Assert.Equal([CallDirection.Forward, CallDirection.Backward, CallDirection.Forward], rig.Executor.Timeline.Since(0).Select(span => span.Direction));
        Assert.Equal(["run", "run", "chat"], rig.Executor.Timeline.Since(0).Select(span => Assert.Single(span.Clients)));
    }
}
