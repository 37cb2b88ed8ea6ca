using Studio.Core.Tensors;
using Studio.Tests.Support;

namespace Studio.Tests.Tensors;

public sealed class ComputeLanePoolTests : IDisposable
{
    private readonly ManualResetEventSlim _goOn = new();
    private readonly CountdownEvent _begun = new(1);

    [Fact]
    public async Task RunAsync_MoreStepsThanTrainingLanes_KRunAtATime()
    {
        using var pool = new ComputeLanePool(trainingLanes: 2);
        Assert.Equal(2, pool.TrainingLanes);
        _begun.Reset(2);
        int now = 0, most = 0;
        var steps = Enumerable.Range(0, 6).Select(_ => pool.RunAsync(LanePriority.Training, () =>
        {
            int running = Interlocked.Increment(ref now);
            lock (_begun) most = Math.Max(most, running);
            if (!_begun.IsSet) _begun.Signal();
            TestThread.Await("the steps may go on", _goOn.WaitHandle);
            Interlocked.Decrement(ref now);
        })).ToArray();
        TestThread.Await("two steps run", _begun.WaitHandle);
        Assert.Equal(2, pool.BusyLanes);
        _goOn.Set();
        await Task.WhenAll(steps);
        Assert.Equal(2, most);
        Assert.Equal(0, pool.BusyLanes);
    }

    [Fact]
    public async Task RunAsync_AllTrainingLanesBusy_InteractiveWorkRunsAtOnce()
    {
        using var pool = new ComputeLanePool(trainingLanes: 1, interactiveLanes: 1);
        var step = pool.RunAsync(LanePriority.Training, () => TestThread.Await("the step may go on", _goOn.WaitHandle));
        string? lane = await pool.RunAsync(LanePriority.Interactive, () => Thread.CurrentThread.Name);
        Assert.StartsWith("interactive", lane, StringComparison.Ordinal);
        Assert.False(step.IsCompleted);
        _goOn.Set();
        await step;
    }

    [Fact]
    public async Task RunAsync_WorkThatThrowsOrIsCancelled_GivesItsLaneBack()
    {
        using var pool = new ComputeLanePool(trainingLanes: 1);
        for (int i = 0; i < 5; i++)
        {
            await Assert.ThrowsAsync<InvalidDataException>(() => pool.RunAsync(LanePriority.Training, () => throw new InvalidDataException()));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pool.RunAsync(LanePriority.Training, () => { }, new CancellationToken(true)));
        }
        Assert.Equal("train-0", await pool.RunAsync(LanePriority.Training, () => Thread.CurrentThread.Name, TestContext.Current.CancellationToken));
        Assert.Equal(0, pool.BusyLanes);
    }

    [Fact]
    public async Task RunAsync_CancelledWhileAllLanesAreBusy_LeavesTheQueue()
    {
        using var pool = new ComputeLanePool(trainingLanes: 1);
        var step = pool.RunAsync(LanePriority.Training, () => TestThread.Await("the step may go on", _goOn.WaitHandle));
        using var stop = new CancellationTokenSource();
        bool ran = false;
        var waiting = pool.RunAsync(LanePriority.Training, () => { ran = true; }, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        _goOn.Set();
        await step;
        Assert.False(ran);
        Assert.True(await pool.RunAsync(LanePriority.Training, () => true, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task RunAsync_BusyLanes_ShareTheCores()
    {
        using var pool = new ComputeLanePool(trainingLanes: 1, interactiveLanes: 1);
        int alone = await pool.RunAsync(LanePriority.Interactive, TorchSharp.torch.get_num_threads, TestContext.Current.CancellationToken);
        var step = pool.RunAsync(LanePriority.Training, () => TestThread.Await("the step may go on", _goOn.WaitHandle));
        TestThread.Await("the step runs", () => pool.BusyLanes == 1);
        int shared = await pool.RunAsync(LanePriority.Interactive, TorchSharp.torch.get_num_threads, TestContext.Current.CancellationToken);
        _goOn.Set();
        await step;
        Assert.Equal(Environment.ProcessorCount, alone);
        Assert.Equal(Math.Max(1, Environment.ProcessorCount / 2), shared);
    }

    [Fact]
    public void Create_WithoutInteractiveLanes_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ComputeLanePool(1, interactiveLanes: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ComputeLanePool(-1));
    }

    public void Dispose()
    {
        _goOn.Dispose();
        _begun.Dispose();
    }
}
