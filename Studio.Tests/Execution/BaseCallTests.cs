using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Execution;

/// <summary>What a call gives and refuses: whose tensor the result is, and what a bad request is told.</summary>
public sealed class BaseCallTests : TensorTest
{
    [Fact]
    public void Call_SharedProduct_ResultsAreTheCallersOwn()
    {
        using var rig = new ExecutorRig(BatchingPolicy.Lockstep);
        using var a = rig.Attach("a");
        using var b = rig.Attach("b");
        using var passes = new Passes(a, b);
        using var xa = rig.Rows(3, 1);
        using var xb = rig.Rows(5, 2);
        Tensor ya = null!, yb = null!;
        TestThread.RunTogether(() => ya = a.Forward(ExecutorRig.Layer, xa), () => yb = b.Forward(ExecutorRig.Layer, xb));
        Assert.Equal(2, rig.Executor.Counters.SharedCalls);

        float[] before = yb.ToFloatArray();
        ya.fill_(1000);
        Assert.Equal(before, yb.ToFloatArray());
        ya.Dispose();
        Assert.Equal(before, yb.ToFloatArray());
        yb.Dispose();
    }

    [Fact]
    public void Call_SharedProduct_EachResultJoinsItsCallersScope()
    {
        using var rig = new ExecutorRig(BatchingPolicy.Lockstep);
        using var a = rig.Attach("a");
        using var b = rig.Attach("b");
        using var passes = new Passes(a, b);
        using var gate = new Barrier(2);
        // Whoever computes ends its scope first or last: both results must survive the other's scope, and end with their own.
        TestThread.RunTogether(() => InScope(a, 1, endsFirst: true), () => InScope(b, 2, endsFirst: false));
        Assert.Equal(2, rig.Executor.Counters.SharedCalls);

        void InScope(IBaseLayers client, ulong seed, bool endsFirst)
        {
            Tensor y;
            using (NewDisposeScope())
            {
                y = client.Forward(ExecutorRig.Layer, rig.Rows(3, seed));
                if (!endsFirst)
                {
                    Assert.True(gate.SignalAndWait(TimeSpan.FromMinutes(1)));
                    Assert.Equal(3, y.size(0));
                }
            }
            if (endsFirst) Assert.True(gate.SignalAndWait(TimeSpan.FromMinutes(1)));
            Assert.True(y.IsInvalid);
        }
    }

    [Fact]
    public void Call_ResultChanged_LeavesTheWeightsAlone()
    {
        using var rig = new ExecutorRig(BatchingPolicy.None);
        using var client = rig.Attach("a");
        using var ids = tensor(new long[] { 3, 3, 5 });
        using var first = client.Forward(LayerId.Embedding, ids);
        float[] before = first.ToFloatArray();
        first.fill_(0);
        using var second = client.Forward(LayerId.Embedding, ids);
        Assert.Equal(before, second.ToFloatArray());
    }

    [Fact]
    public void Call_OneOfABatchFails_OnlyItsOwnerIsTold()
    {
        using var rig = new ExecutorRig(BatchingPolicy.Lockstep);
        rig.OnProduct = (_, _, rows) =>
        {
            using var total = rows.sum();
            if (!float.IsFinite(total.item<float>())) throw new InvalidOperationException("the rows are not numbers");
        };
        using var bad = rig.Attach("bad");
        using var good = rig.Attach("good");
        using var passes = new Passes(bad, good);
        Exception? failure = null;
        float[]? answer = null;
        using var xGood = rig.Rows(4, 1);
        using var xBad = full([2, 40], float.NaN);
        TestThread.RunTogether(
            () => failure = Record.Exception(() => bad.Forward(ExecutorRig.Layer, xBad).Dispose()),
            () =>
            {
                using var y = good.Forward(ExecutorRig.Layer, xGood);
                answer = y.ToFloatArray();
            });

        Assert.Equal("The base layer failed for client 'bad': the rows are not numbers", Assert.IsType<InvalidOperationException>(failure).Message);
        using var alone = TestThreadResult(() => rig.Alone(ExecutorRig.Layer, CallDirection.Forward, xGood));
        Assert.Equal(alone.ToFloatArray(), answer);
        // The room serves on.
        using var again = TestThreadResult(() => good.Forward(ExecutorRig.Layer, xGood));
        Assert.Equal(answer, again.ToFloatArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Call_RowsThatDoNotFit_AreRefusedWithBothShapes(bool direct)
    {
        using var rig = new ExecutorRig(BatchingPolicy.Opportunistic);
        using var client = direct ? rig.Model.Direct : rig.Attach("a");
        using var narrow = ones(2, 39);
        using var cube = ones(1, 2, 40);
        using var none = ones(0, 40);
        Assert.StartsWith("'block 0 Down' takes [rows, 40] with at least one row forward; found [2, 39].", Refusal(() => client.Forward(ExecutorRig.Layer, narrow)));
        Assert.Contains("found [1, 2, 40]", Refusal(() => client.Forward(ExecutorRig.Layer, cube)), StringComparison.Ordinal);
        Assert.Contains("found [0, 40]", Refusal(() => client.Forward(ExecutorRig.Layer, none)), StringComparison.Ordinal);
        Assert.StartsWith("'block 0 Down' takes [rows, 24] with at least one row backward; found [2, 39].", Refusal(() => client.Backward(ExecutorRig.Layer, narrow)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Call_RowsOfAnotherKindOfNumber_AreRefusedWithBothTypes(bool direct)
    {
        using var rig = new ExecutorRig(BatchingPolicy.Opportunistic);
        using var client = direct ? rig.Model.Direct : rig.Attach("a");
        using var whole = ones([2, 40], dtype: ScalarType.Int64);
        string message = Refusal(() => client.Forward(ExecutorRig.Layer, whole));
        Assert.Contains("'block 0 Down'", message, StringComparison.Ordinal);
        Assert.Contains("Int64", message, StringComparison.Ordinal);
        Assert.Contains("Float32", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Call_DirectLayersWithAnotherFloatingType_AreRefusedWithBothTypes()
    {
        using var rig = new ExecutorRig(BatchingPolicy.None);
        using var half = ones([2, 40], dtype: ScalarType.BFloat16);
        string message = Refusal(() => rig.Model.Direct.Forward(ExecutorRig.Layer, half));
        Assert.Contains("BFloat16", message, StringComparison.Ordinal);
        Assert.Contains("Float32", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Call_BadIds_AreRefusedWithTheRange(bool direct)
    {
        using var rig = new ExecutorRig(BatchingPolicy.Opportunistic);
        using var client = direct ? rig.Model.Direct : rig.Attach("a");
        using var high = tensor(new long[] { 0, 41 });
        using var negative = tensor(new long[] { -1 });
        using var floats = ones(3);
        Assert.Contains("0..41; the vocabulary holds 0..40", Refusal(() => client.Forward(LayerId.Embedding, high)), StringComparison.Ordinal);
        Assert.Contains("-1..-1", Refusal(() => client.Forward(LayerId.Embedding, negative)), StringComparison.Ordinal);
        Assert.Contains("takes int64 ids [rows]", Refusal(() => client.Forward(LayerId.Embedding, floats)), StringComparison.Ordinal);
        Assert.Contains("no gradient", Refusal(() => client.Backward(LayerId.Embedding, floats)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Call_UnknownLayer_IsRefusedByName(bool direct)
    {
        using var rig = new ExecutorRig(BatchingPolicy.Opportunistic);
        using var client = direct ? rig.Model.Direct : rig.Attach("a");
        using var x = ones(2, 24);
        foreach (var layer in new[] { new LayerId(2, BaseProjection.Down), new LayerId(0, BaseProjection.Head), new LayerId(0, BaseProjection.Down, Expert: 1) })
        {
            Assert.Contains($"has no layer '{layer}'", Refusal(() => client.Forward(layer, x)), StringComparison.Ordinal);
            Assert.Contains($"has no layer '{layer}'", Refusal(() => client.Backward(layer, x)), StringComparison.Ordinal);
            Assert.Contains($"has no layer '{layer}'", Assert.Throws<ArgumentException>(() => client.Describe(layer)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Call_RefusedRequest_DoesNotCountAndTheClientGoesOn()
    {
        using var rig = new ExecutorRig(BatchingPolicy.None);
        using var client = rig.Attach("a");
        using var pass = client.BeginPass(PassKind.Training);
        using var wrong = ones(2, 3);
        Refusal(() => client.Forward(ExecutorRig.Later, wrong));
        Assert.Equal(0, rig.Calls("a"));
        using var x = rig.Rows(2, 1);
        client.Forward(ExecutorRig.Layer, x).Dispose();
        Assert.Equal(1, rig.Calls("a"));
    }

    [Fact]
    public void Call_ClientOfAnotherType_GetsItsOwnTypeBack()
    {
        using var rig = new ExecutorRig(BatchingPolicy.None);
        using var client = rig.Attach("a", type: ScalarType.BFloat16);
        using var ids = tensor(new long[] { 3, 5 });
        using var embedded = client.Forward(LayerId.Embedding, ids);
        Assert.Equal(ScalarType.BFloat16, embedded.dtype);
        using var x = rig.Rows(2, 1);
        using var narrow = x.to(ScalarType.BFloat16);
        using var y = client.Forward(ExecutorRig.Layer, narrow);
        Assert.Equal(ScalarType.BFloat16, y.dtype);
        using var wide = narrow.to(ScalarType.Float32);
        using var alone = rig.Alone(ExecutorRig.Layer, CallDirection.Forward, wide);
        using var rounded = alone.to(ScalarType.BFloat16);
        Assert.Equal(rounded.ToFloatArray(), y.ToFloatArray());
    }

    [Fact]
    public void BeginPass_WhileOneIsUnderWay_IsRefused()
    {
        using var rig = new ExecutorRig(BatchingPolicy.None);
        using var client = rig.Attach("the client");
        using (client.BeginPass(PassKind.Training))
            Assert.Contains("'the client'", Assert.Throws<InvalidOperationException>(() => client.BeginPass(PassKind.Decode)).Message, StringComparison.Ordinal);
        client.BeginPass(PassKind.Decode).Dispose();
    }

    [Fact]
    public void Attach_ShareOfZero_IsRefused()
    {
        using var rig = new ExecutorRig(BatchingPolicy.None);
        var refusal = Assert.Throws<ArgumentException>(() => rig.Executor.Attach(new ClientOptions { Name = "greedy", Share = 0 }));
        Assert.StartsWith("The share of client 'greedy' is 0; expected more than 0.", refusal.Message);
        Assert.Empty(rig.Executor.Counters.Clients);
    }

    private static string Refusal(Func<Tensor> call) => Assert.ThrowsAny<ArgumentException>(() => call().Dispose()).Message;

    private static Tensor TestThreadResult(Func<Tensor> call)
    {
        Tensor? result = null;
        TestThread.RunTogether(() => result = call());
        return result!;
    }
}
