using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Tests.Support;

namespace Studio.Tests.Execution;

/// <summary>Whoever a Lockstep leader waits for may go away: that releases it. Patience is an hour, so only the release ends the wait.</summary>
public sealed class LeaderReleaseTests : TensorTest
{
    [Fact]
    public void Wait_MateDetaches_LeaderComputes() => AssertReleased((mate, _) => mate.Dispose());

    [Fact]
    public void Wait_MateEndsItsPass_LeaderComputes() => AssertReleased((_, pass) => pass.Dispose());

    [Fact]
    public void Wait_MateHasMovedOn_LeaderComputes() => AssertReleased((mate, _) =>
    {
        using var x = TorchSharp.torch.ones(2, 40);
        mate.Forward(ExecutorRig.Later, x).Dispose();
    });

    [Fact]
    public void Forward_MateRunsAPartOfItsForwardAgainInItsBackward_IsNotWaitedFor()
    {
        using var rig = new ExecutorRig(BatchingPolicy.Lockstep);
        using var leader = rig.Attach("leader");
        using var mate = rig.Attach("mate");
        using var matePass = mate.BeginPass(PassKind.Training);
        TestThread.RunTogether(() =>
        {
            using var dy = TorchSharp.torch.ones(2, mate.Describe(ExecutorRig.Later).OutputFeatures);
            mate.Backward(ExecutorRig.Later, dy).Dispose();
            using var x = rig.Rows(3, 1, ExecutorRig.Fused);
            mate.Forward(ExecutorRig.Fused, x).Dispose();
        });
        TestThread.RunTogether(() =>
        {
            using var pass = leader.BeginPass(PassKind.Training);
            using var x = rig.Rows(3, 1);
            leader.Forward(ExecutorRig.Layer, x).Dispose();
        });
        Assert.Equal((3L, 0L), (rig.Executor.Counters.Calls, rig.Executor.Counters.SharedCalls));
    }

    [Fact]
    public void Wait_DecodeBeginsAndHoldsTheMateOff_LeaderComputes()
    {
        using var rig = new ExecutorRig(BatchingPolicy.Lockstep);
        using var chat = rig.Attach("chat", PerformanceGoal.Latency);
        using var leader = rig.Attach("leader");
        using var mate = rig.Attach("mate");
        using var passes = new Passes(leader, mate);
        var waiting = Lead(rig, leader);
        using var decode = chat.BeginPass(PassKind.Decode);
        // The chat itself would be company: it goes by. The training mate cannot come now.
        using (var x = rig.Rows(1, 2, ExecutorRig.Later)) chat.Forward(ExecutorRig.Later, x).Dispose();
        waiting.Join();
    }

    [Fact]
    public void Wait_LeaderIsCancelled_ThrowsAndTheRoomGoesOn()
    {
        using var rig = new ExecutorRig(BatchingPolicy.Lockstep);
        using var leader = rig.Attach("leader");
        using var mate = rig.Attach("mate");
        using var stop = new CancellationTokenSource();
        using var matePass = mate.BeginPass(PassKind.Training);
        using var x = rig.Rows(3, 1);
        var waiting = TestThread.Start("leader", () =>
        {
            using var pass = leader.BeginPass(PassKind.Training);
            leader.Forward(ExecutorRig.Layer, x, ct: stop.Token).Dispose();
        });
        TestThread.Await("the leader waits", () => rig.Executor.WaitingLeaders == 1);
        stop.Cancel();
        Assert.IsAssignableFrom<OperationCanceledException>(waiting.JoinFailure());
        TestThread.RunTogether(() => mate.Forward(ExecutorRig.Layer, x).Dispose());
        Assert.Equal(1, rig.Executor.Counters.Calls);
    }

    [Fact]
    public void Wait_LeaderIsCancelledWhileAMateIsPresent_TheMateLeadsOn()
    {
        using var rig = new ExecutorRig(BatchingPolicy.Lockstep);
        using var leader = rig.Attach("leader");
        using var mate = rig.Attach("mate");
        using var absent = rig.Attach("absent");
        using var stop = new CancellationTokenSource();
        using var passes = new Passes(leader, mate);
        var absentPass = absent.BeginPass(PassKind.Training);
        using var x = rig.Rows(3, 1);
        var first = TestThread.Start("leader", () => leader.Forward(ExecutorRig.Layer, x, ct: stop.Token).Dispose());
        TestThread.Await("the leader waits", () => rig.Executor.WaitingLeaders == 1);
        var second = TestThread.Start("mate", () => mate.Forward(ExecutorRig.Layer, x).Dispose());
        TestThread.Await("the mate has called", () => rig.Calls("mate") == 1);
        stop.Cancel();
        Assert.IsAssignableFrom<OperationCanceledException>(first.JoinFailure());
        absentPass.Dispose();
        second.Join();
        Assert.Equal(1, rig.Executor.Counters.Calls);
    }

    [Fact]
    public void Wait_FollowerIsCancelled_LeavesTheOthersAlone()
    {
        using var rig = new ExecutorRig(BatchingPolicy.Lockstep);
        using var leader = rig.Attach("leader");
        using var follower = rig.Attach("follower");
        using var inProduct = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        rig.OnProduct = (_, _, _) =>
        {
            inProduct.Set();
            TestThread.Await("the product may go on", goOn.WaitHandle);
        };
        using var stop = new CancellationTokenSource();
        using var x = rig.Rows(3, 1);
        float[]? y = null;
        var computing = TestThread.Start("leader", () =>
        {
            using var answer = leader.Forward(ExecutorRig.Layer, x);
            y = answer.ToFloatArray();
        });
        TestThread.Await("the leader computes", inProduct.WaitHandle);
        var waiting = TestThread.Start("follower", () => follower.Forward(ExecutorRig.Layer, x, ct: stop.Token).Dispose());
        TestThread.Await("the follower has called", () => rig.Calls("follower") == 1);
        stop.Cancel();
        Assert.IsAssignableFrom<OperationCanceledException>(waiting.JoinFailure());
        goOn.Set();
        computing.Join();
        TestThread.RunTogether(() =>
        {
            using var alone = rig.Alone(ExecutorRig.Layer, CallDirection.Forward, x);
            Assert.Equal(alone.ToFloatArray(), y);
        });
        Assert.Equal(1, rig.Executor.Counters.Calls);
    }

    [Fact]
    public void Call_CancelledBefore_ComputesNothing()
    {
        using var rig = new ExecutorRig(BatchingPolicy.None);
        using var client = rig.Attach("a");
        using var x = rig.Rows(3, 1);
        Assert.ThrowsAny<OperationCanceledException>(() => client.Forward(ExecutorRig.Layer, x, ct: new CancellationToken(true)));
        Assert.Equal(0, rig.Executor.Counters.Calls);
    }

    private static void AssertReleased(Action<IBaseLayers, IDisposable> release)
    {
        using var rig = new ExecutorRig(BatchingPolicy.Lockstep);
        using var leader = rig.Attach("leader");
        using var mate = rig.Attach("mate", PerformanceGoal.Latency);
        using var pass = leader.BeginPass(PassKind.Training);
        using var matePass = mate.BeginPass(PassKind.Training);
        var waiting = Lead(rig, leader);
        release(mate, matePass);
        waiting.Join();
        Assert.Equal(0, rig.Executor.Counters.SharedCalls);
    }

    private static TestThread Lead(ExecutorRig rig, IBaseLayers leader)
    {
        var waiting = TestThread.Start("leader", () =>
        {
            using var x = rig.Rows(3, 1);
            using var y = leader.Forward(ExecutorRig.Layer, x);
            using var alone = rig.Alone(ExecutorRig.Layer, CallDirection.Forward, x);
            Assert.Equal(alone.ToFloatArray(), y.ToFloatArray());
        });
        TestThread.Await("the leader waits", () => rig.Executor.WaitingLeaders == 1);
        return waiting;
    }
}
