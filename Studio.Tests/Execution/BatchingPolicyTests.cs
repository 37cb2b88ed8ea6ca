using System.Collections.Concurrent;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Tests.Support;

namespace Studio.Tests.Execution;

/// <summary>Who shares a product with whom, and who never waits. Patience is an hour: a wait that is not released fails the test.</summary>
public sealed class BatchingPolicyTests : TensorTest
{
    [Theory]
    [InlineData(BatchingPolicy.Opportunistic, CallDirection.Forward)]
    [InlineData(BatchingPolicy.Opportunistic, CallDirection.Backward)]
    [InlineData(BatchingPolicy.Lockstep, CallDirection.Forward)]
    [InlineData(BatchingPolicy.Lockstep, CallDirection.Backward)]
    public void Call_TwoClientsInASteps_ShareOneProductAndGetTheirOwnRows(BatchingPolicy policy, CallDirection direction)
    {
        using var rig = new ExecutorRig(policy);
        var products = new ConcurrentQueue<long>();
        rig.OnProduct = (_, _, rows) => products.Enqueue(rows.size(0));
        using var a = rig.Attach("a");
        using var b = rig.Attach("b");
        using var xa = rig.Rows(3, seed: 1, direction: direction);
        using var xb = rig.Rows(5, seed: 2, direction: direction);
        // Both are in a step before either calls: from then on each is worth waiting for.
        using var passes = new Passes(a, b);
        TestThread.RunTogether(() => Compare(a, xa), () => Compare(b, xb));

        Assert.Equal([8L], products);
        Assert.Equal(2, rig.Executor.Counters.SharedCalls);
        Assert.Equal(1, rig.Executor.Counters.Batches);
        Assert.Equal(8, rig.Executor.Counters.Rows);

        void Compare(IBaseLayers client, TorchSharp.torch.Tensor rows)
        {
            using var y = client.Call(ExecutorRig.Layer, direction, rows);
            using var alone = rig.Alone(ExecutorRig.Layer, direction, rows);
            Assert.True(y.allclose(alone, 1e-5, 1e-6));
        }
    }

    [Fact]
    public void Call_FusedLayerOfTwoClients_SharesEachPart()
    {
        using var rig = new ExecutorRig(BatchingPolicy.Lockstep);
        using var a = rig.Attach("a");
        using var b = rig.Attach("b");
        using var passes = new Passes(a, b);
        TestThread.RunTogether(() => Compare(a, 1), () => Compare(b, 2));
        Assert.Equal(2, rig.Executor.Counters.SharedCalls);

        void Compare(IBaseLayers client, ulong seed)
        {
            using var x = rig.Rows((int)seed + 1, seed, ExecutorRig.Fused);
            using var y = client.Forward(ExecutorRig.Fused, x);
            using var alone = rig.Alone(ExecutorRig.Fused, CallDirection.Forward, x);
            Assert.True(y.allclose(alone, 1e-5, 1e-6));
        }
    }

    [Fact]
    public void Call_PolicyNone_ClientsComputeAtTheSameTimeAndBitEqual()
    {
        using var rig = new ExecutorRig(BatchingPolicy.None);
        using var both = new Barrier(2);
        rig.OnProduct = (_, _, _) => Assert.True(both.SignalAndWait(TimeSpan.FromMinutes(1)), "The other client's product never began.");
        using var a = rig.Attach("a");
        using var b = rig.Attach("b");
        using var passes = new Passes(a, b);
        float[] ya = [], yb = [];
        TestThread.RunTogether(() => ya = Answer(rig, a, 1), () => yb = Answer(rig, b, 2));

        rig.OnProduct = null;
        TestThread.RunTogether(() => Assert.Equal(Reference(rig, 1), ya), () => Assert.Equal(Reference(rig, 2), yb));
        Assert.Equal(0, rig.Executor.Counters.SharedCalls);
        Assert.Equal(2, rig.Executor.Counters.Batches);
    }

    [Theory]
    [InlineData(BatchingPolicy.None)]
    [InlineData(BatchingPolicy.Opportunistic)]
    [InlineData(BatchingPolicy.Lockstep)]
    public void Call_LoneClient_ComputesAtOnceAndBitEqual(BatchingPolicy policy)
    {
        using var rig = new ExecutorRig(policy);
        using var a = rig.Attach("a");
        using var pass = a.BeginPass(PassKind.Training);
        foreach (var direction in Enum.GetValues<CallDirection>())
        {
            foreach (var layer in new[] { ExecutorRig.Fused, ExecutorRig.Layer, LayerId.Head })
            {
                foreach (int count in new[] { 1, 7, 40 })
                {
                    using var x = rig.Rows(count, 5, layer, direction);
                    // Both on one thread: torch may split a product otherwise on a thread with another number of helpers.
                    TestThread.RunTogether(() => Assert.Equal(Values(rig.Alone(layer, direction, x)), Values(a.Call(layer, direction, x))));
                }
            }
        }
    }

    [Fact]
    public void Call_MateOutsideAPass_IsNotWaitedFor()
    {
        using var rig = new ExecutorRig(BatchingPolicy.Lockstep);
        using var a = rig.Attach("a");
        using var idle = rig.Attach("idle");
        using var pass = a.BeginPass(PassKind.Training);
        AssertBitEqual(rig, a);
    }

    [Fact]
    public void Call_MateThatHasPassedTheLayer_IsNotWaitedFor()
    {
        using var rig = new ExecutorRig(BatchingPolicy.Lockstep);
        using var a = rig.Attach("a");
        using var ahead = rig.Attach("ahead", PerformanceGoal.Latency);
        using var passes = new Passes(a, ahead);
        using (var x = rig.Rows(2, 1, ExecutorRig.Later)) ahead.Forward(ExecutorRig.Later, x).Dispose();
        AssertBitEqual(rig, a);
    }

    [Fact]
    public void Call_MateOfAnEvaluation_IsNotExpectedBackwards()
    {
        using var rig = new ExecutorRig(BatchingPolicy.Lockstep);
        using var a = rig.Attach("a");
        using var evaluates = rig.Attach("evaluates");
        using var pass = a.BeginPass(PassKind.Training);
        using var evaluation = evaluates.BeginPass(PassKind.Evaluation);
        AssertBitEqual(rig, a, CallDirection.Backward);
    }

    [Fact]
    public void Call_LatencyFirst_DoesNotWait()
    {
        using var rig = new ExecutorRig(BatchingPolicy.Lockstep);
        using var hurried = rig.Attach("hurried", PerformanceGoal.Latency);
        using var mate = rig.Attach("mate");
        using var passes = new Passes(hurried, mate);
        AssertBitEqual(rig, hurried);
    }

    [Fact]
    public void Call_RowsAtTheRidge_DoNotWait()
    {
        using var rig = new ExecutorRig(BatchingPolicy.Lockstep, new ExecutorOptions { RidgeRows = 4 });
        using var large = rig.Attach("large");
        using var mate = rig.Attach("mate");
        using var passes = new Passes(large, mate);
        AssertBitEqual(rig, large);
    }

    [Fact]
    public void Call_MateWithLargeRows_ReleasesTheLeader()
    {
        using var rig = new ExecutorRig(BatchingPolicy.Lockstep, new ExecutorOptions { RidgeRows = 6 });
        using var small = rig.Attach("small");
        using var large = rig.Attach("large");
        using var passes = new Passes(small, large);
        var waiting = TestThread.Start("small", () => AssertBitEqual(rig, small));
        TestThread.Await("the small call leads and waits", () => rig.Executor.WaitingLeaders == 1);
        using (var x = rig.Rows(6, 3)) large.Forward(ExecutorRig.Layer, x).Dispose();
        waiting.Join();
    }

    [Fact]
    public void Call_MoreRowsThanABatchHolds_AreSplitOverProducts()
    {
        using var rig = new ExecutorRig(BatchingPolicy.Lockstep, new ExecutorOptions { MaximumBatchRows = 8 });
        var products = new ConcurrentQueue<long>();
        rig.OnProduct = (_, _, rows) => products.Enqueue(rows.size(0));
        using var a = rig.Attach("a");
        using var b = rig.Attach("b");
        using var c = rig.Attach("c");
        using var passes = new Passes(a, b, c);
        TestThread.RunTogether(() => Answer(rig, a, 1), () => Answer(rig, b, 2), () => Answer(rig, c, 3));
        Assert.Equal(12, products.Sum());
        Assert.All(products, rows => Assert.InRange(rows, 4, 8));
    }

    // In a thread of its own, so that a wait without end fails the test.
    private static void AssertBitEqual(ExecutorRig rig, IBaseLayers client, CallDirection direction = CallDirection.Forward)
    {
        using var x = rig.Rows(4, 9, direction: direction);
        TestThread.RunTogether(() => Assert.Equal(Values(rig.Alone(ExecutorRig.Layer, direction, x)), Values(client.Call(ExecutorRig.Layer, direction, x))));
        Assert.Equal(0, rig.Executor.Counters.SharedCalls);
    }

    private static float[] Answer(ExecutorRig rig, IBaseLayers client, ulong seed)
    {
        using var x = rig.Rows(4, seed);
        return Values(client.Forward(ExecutorRig.Layer, x));
    }

    private static float[] Reference(ExecutorRig rig, ulong seed)
    {
        using var x = rig.Rows(4, seed);
        return Values(rig.Alone(ExecutorRig.Layer, CallDirection.Forward, x));
    }

    private static float[] Values(TorchSharp.torch.Tensor tensor)
    {
        using (tensor) return tensor.ToFloatArray();
    }
}
