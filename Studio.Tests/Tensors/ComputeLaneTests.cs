using Studio.Core.Tensors;
using Studio.Tests.Support;

namespace Studio.Tests.Tensors;

public sealed class ComputeLaneTests
{
    [Fact]
    public async Task RunAsync_SeveralPieces_RunInOrderOnTheLanesThread()
    {
        using var lane = new ComputeLane("the lane");
        var seen = new List<(int Piece, string? Thread, bool Current)>();
        var pieces = Enumerable.Range(0, 20).Select(i => lane.RunAsync(() =>
        {
            seen.Add((i, Thread.CurrentThread.Name, lane.IsCurrent));
            return i;
        })).ToArray();
        Assert.Equal(Enumerable.Range(0, 20), await Task.WhenAll(pieces));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => (i, (string?)"the lane", true)), seen);
        Assert.False(lane.IsCurrent);
    }

    [Fact]
    public async Task RunAsync_ContinuationOfAWaiter_LeavesTheLane()
    {
        using var lane = new ComputeLane("the lane");
        using var begin = new ManualResetEventSlim();
        var work = lane.RunAsync(() =>
        {
            begin.Wait(TestContext.Current.CancellationToken);
            return true;
        }, ct: TestContext.Current.CancellationToken);
        var after = work.ContinueWith(_ => lane.IsCurrent, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        begin.Set();
        Assert.False(await after);
    }

    [Fact]
    public async Task RunAsync_WorkThatThrows_FailsItsTaskAloneAndTheLaneGoesOn()
    {
        using var lane = new ComputeLane("the lane");
        var failing = lane.RunAsync<int>(() => throw new InvalidDataException("broken"));
        var next = lane.RunAsync(() => 5);
        Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidDataException>(() => failing)).Message);
        Assert.Equal(5, await next);
    }

    [Fact]
    public async Task RunAsync_CancelledBeforeItBegan_NeverRuns()
    {
        using var lane = new ComputeLane("the lane");
        using var begin = new ManualResetEventSlim();
        using var stop = new CancellationTokenSource();
        var first = lane.RunAsync(() =>
        {
            begin.Wait(TestContext.Current.CancellationToken);
            return true;
        }, ct: TestContext.Current.CancellationToken);
        bool ran = false;
        var second = lane.RunAsync(() => ran = true, ct: stop.Token);
        await stop.CancelAsync();
        begin.Set();
        await first;
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Equal(stop.Token, cancelled.CancellationToken);
        Assert.False(ran);
    }

    [Fact]
    public async Task RunAsync_WorkThatHeedsItsToken_IsCancelledNotFailed()
    {
        using var lane = new ComputeLane("the lane");
        using var stop = new CancellationTokenSource();
        var work = lane.RunAsync<bool>(() =>
        {
            stop.Cancel();
            stop.Token.ThrowIfCancellationRequested();
            return true;
        }, ct: stop.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work);
        Assert.True(work.IsCanceled);
    }

    [Fact]
    public async Task RunAsync_IntraOpThreads_AreSetForTheLane()
    {
        using var lane = new ComputeLane("the lane");
        Assert.Equal(1, await lane.RunAsync(TorchSharp.torch.get_num_threads, intraOpThreads: 1, TestContext.Current.CancellationToken));
        Assert.Equal(2, await lane.RunAsync(TorchSharp.torch.get_num_threads, intraOpThreads: 2, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Dispose_QueuedWork_IsFinishedFirst()
    {
        var lane = new ComputeLane("the lane");
        var pieces = Enumerable.Range(0, 50).Select(i => lane.RunAsync(() => i)).ToArray();
        lane.Dispose();
        Assert.All(pieces, piece => Assert.True(piece.IsCompletedSuccessfully));
        Assert.Equal(49, await pieces[49]);
    }

    [Fact]
    public async Task Dispose_Twice_IsHarmless()
    {
        var lane = new ComputeLane("the lane");
        lane.Dispose();
        lane.Dispose();
        await Assert.ThrowsAnyAsync<InvalidOperationException>(() => lane.RunAsync(() => 1));
    }

    [Fact]
    public async Task Dispose_FromItsOwnWork_EndsTheThreadAfterwards()
    {
        var lane = new ComputeLane("the lane");
        var thread = await lane.RunAsync(() =>
        {
            lane.Dispose();
            return Thread.CurrentThread;
        }, ct: TestContext.Current.CancellationToken);
        TestThread.Await("the lane's thread has ended", () => !thread.IsAlive);
    }
}
