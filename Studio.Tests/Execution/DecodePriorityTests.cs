using System.Collections.Concurrent;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Tests.Support;

namespace Studio.Tests.Execution;

/// <summary>A pass that a person waits for holds new training calls off. The guaranteed share is zero here, so that only the pass's end frees them.</summary>
public sealed class DecodePriorityTests : TensorTest
{
    private static readonly ExecutorOptions NoShare = new() { TrainingShare = 0 };

    [Theory]
    [InlineData(PassKind.Decode, PassKind.Training)]
    [InlineData(PassKind.Prefill, PassKind.Training)]
    [InlineData(PassKind.Decode, PassKind.Evaluation)]
    public void Call_TrainingWhileInteractive_WaitsForItsEnd(PassKind interactive, PassKind held)
    {
        using var rig = new ExecutorRig(BatchingPolicy.None, NoShare);
        var products = new ConcurrentQueue<long>();
        rig.OnProduct = (_, _, rows) => products.Enqueue(rows.size(0));
        using var chat = rig.Attach("chat");
        using var run = rig.Attach("run");
        using var one = rig.Rows(1, 1);
        using var seven = rig.Rows(7, 1);
        using var pass = run.BeginPass(held);
        var decode = chat.BeginPass(interactive);
        var training = TestThread.Start("run", () => run.Forward(ExecutorRig.Layer, seven).Dispose());
        TestThread.Await("the run has called", () => rig.Calls("run") == 1);
        chat.Forward(ExecutorRig.Layer, one).Dispose();
        chat.Forward(ExecutorRig.Later, one).Dispose();
        decode.Dispose();
        training.Join();
        Assert.Equal([1, 1, 7], products);
    }

    [Fact]
    public void Call_TrainingHeldOff_CanBeCancelled()
    {
        using var rig = new ExecutorRig(BatchingPolicy.None, NoShare);
        using var chat = rig.Attach("chat");
        using var run = rig.Attach("run");
        using var rows = rig.Rows(7, 1);
        using var stop = new CancellationTokenSource();
        using var pass = run.BeginPass(PassKind.Training);
        using var decode = chat.BeginPass(PassKind.Decode);
        var training = TestThread.Start("run", () => run.Forward(ExecutorRig.Layer, rows, ct: stop.Token).Dispose());
        TestThread.Await("the run has called", () => rig.Calls("run") == 1);
        stop.Cancel();
        // Nothing else ends the wait: an answer instead would mean that the call was not held off.
        Assert.IsAssignableFrom<OperationCanceledException>(training.JoinFailure());
        Assert.Equal(0, rig.Executor.Counters.Calls);
    }

    [Fact]
    public void Call_TrainingWithAShare_GetsThroughWhileDecodeGoesOn()
    {
        using var rig = new ExecutorRig(BatchingPolicy.None, new ExecutorOptions { TrainingShare = 0.25 });
        using var chat = rig.Attach("chat");
        using var run = rig.Attach("run");
        using var rows = rig.Rows(7, 1);
        using var pass = run.BeginPass(PassKind.Training);
        using var decode = chat.BeginPass(PassKind.Decode);
        TestThread.RunTogether(() =>
        {
            for (int call = 0; call < 5; call++) run.Forward(ExecutorRig.Layer, rows).Dispose();
        });
        Assert.Equal(5, rig.Executor.Counters.Calls);
    }

    [Fact]
    public void Call_InteractiveDuringATrainingCall_DoesNotWaitForIt()
    {
        using var rig = new ExecutorRig(BatchingPolicy.None, NoShare);
        using var inProduct = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        rig.OnProduct = (_, _, product) =>
        {
            if (product.size(0) != 7) return;
            inProduct.Set();
            TestThread.Await("the training product may go on", goOn.WaitHandle);
        };
        using var chat = rig.Attach("chat");
        using var run = rig.Attach("run");
        using var seven = rig.Rows(7, 1);
        using var one = rig.Rows(1, 1);
        using var pass = run.BeginPass(PassKind.Training);
        var training = TestThread.Start("run", () => run.Forward(ExecutorRig.Layer, seven).Dispose());
        TestThread.Await("the training product runs", inProduct.WaitHandle);
        TestThread.RunTogether(() =>
        {
            using var decode = chat.BeginPass(PassKind.Decode);
            chat.Forward(ExecutorRig.Layer, one).Dispose();
        });
        goOn.Set();
        training.Join();
    }

    [Fact]
    public void Detach_ClientInAnInteractivePass_FreesTraining()
    {
        using var rig = new ExecutorRig(BatchingPolicy.None, NoShare);
        using var run = rig.Attach("run");
        var chat = rig.Attach("chat");
        chat.BeginPass(PassKind.Decode);
        chat.Dispose();
        using var rows = rig.Rows(7, 1);
        using var pass = run.BeginPass(PassKind.Training);
        TestThread.RunTogether(() => run.Forward(ExecutorRig.Layer, rows).Dispose());
    }
}
