using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Execution.Placement;

/// <summary>A client on another device than the base: what travels, in which type, and what happens when it does not arrive.</summary>
public sealed class PlacedBaseLayersTests : TensorTest
{
    private static readonly Device Elsewhere = StandIns.Device(1);

    [Theory]
    [InlineData(CallDirection.Forward)]
    [InlineData(CallDirection.Backward)]
    public void Call_ClientElsewhere_IsTheSameProductWithOneCopyEachWay(CallDirection direction)
    {
        using var rig = new ExecutorRig(BatchingPolicy.None);
        var transfer = new TestTransfer();
        using var client = rig.Executor.Attach(Options(transfer));
        using var rows = rig.Rows(3, 1, direction: direction);
        using var expected = rig.Alone(ExecutorRig.Layer, direction, rows);
        using var found = client.Call(ExecutorRig.Layer, direction, rows);
        Assert.Equal(expected.ToFloatArray(), found.ToFloatArray());
        Assert.Equal([(0, ScalarType.Float32, rows.ByteCount()), (1, ScalarType.Float32, found.ByteCount())], transfer.Moves);
        Assert.Equal(1, rig.Calls("away"));
    }

    public static IEnumerable<TheoryDataRow<ScalarType, ScalarType, ScalarType?>> Types =>
        from weights in Both
        from rows in Both
        from own in Both.Select(type => (ScalarType?)type).Append(null)
        select new TheoryDataRow<ScalarType, ScalarType, ScalarType?>(weights, rows, own);

    [Theory]
    [MemberData(nameof(Types))]
    public void Call_AnyTypes_AnswersAsADoorAtTheBaseAndTravelsInTheNarrowerType(ScalarType weights, ScalarType rows, ScalarType? own)
    {
        using var scope = NewDisposeScope();
        using var model = new TinyModel(weights);
        using var executor = model.Executor(BatchingPolicy.None);
        var transfer = new TestTransfer();
        using var near = executor.Attach(new ClientOptions { Name = "near", Type = own });
        using var far = executor.Attach(Options(transfer) with { Type = own });
        using var random = new Generator(3);
        var x = randn([5, 40], generator: random).to(rows);
        var ids = tensor(new long[] { 3, 1, 40 });
        AssertSame(near.Forward(ExecutorRig.Layer, x), far.Forward(ExecutorRig.Layer, x));
        AssertSame(near.Backward(ExecutorRig.Layer, x.narrow(1, 0, 24)), far.Backward(ExecutorRig.Layer, x.narrow(1, 0, 24)));
        AssertSame(near.Forward(LayerId.Embedding, ids), far.Forward(LayerId.Embedding, ids));

        int width = new[] { weights, rows }.Contains(ScalarType.BFloat16) ? 2 : 4, result = width == 2 || own == ScalarType.BFloat16 ? 2 : 4;
        int embedded = weights == ScalarType.BFloat16 || own == ScalarType.BFloat16 ? 2 : 4;
        Assert.Equal([5 * 40 * width, 5 * 24 * result, 5 * 24 * width, 5 * 40 * result, 3 * 8, 3 * 24 * embedded], transfer.Moves.Select(move => move.Bytes));

        static void AssertSame(Tensor expected, Tensor found)
        {
            Assert.Equal(expected.dtype, found.dtype);
            Assert.Equal(expected.ToFloatArray(), found.ToFloatArray());
        }
    }

    [Fact]
    public void Attach_ClientOnTheDeviceOfTheBase_GetsTheSameDoorAsOneThatSaysNothing()
    {
        using var rig = new ExecutorRig(BatchingPolicy.None);
        var transfer = new TestTransfer();
        using var silent = rig.Attach("silent");
        using var client = rig.Executor.Attach(Options(transfer) with { Device = CPU });
        Assert.IsType(silent.GetType(), client);
        using var x = rig.Rows(2, 1);
        client.Forward(ExecutorRig.Layer, x).Dispose();
        Assert.Empty(transfer.Moves);
    }

    [Fact]
    public void Weights_OfAPlacedClient_AreThoseOfTheBaseOnItsDevice()
    {
        using var scope = NewDisposeScope();
        using var rig = new ExecutorRig(BatchingPolicy.None);
        var transfer = new TestTransfer();
        var query = new LayerId(1, BaseProjection.Query);
        using var client = rig.Executor.Attach(Options(transfer));
        var (weights, expected) = (Assert.IsAssignableFrom<IBaseWeights>(client), rig.Model.Direct);
        var ids = tensor(new long[] { 2, 5 });
        Assert.Equal(expected.Weight(query).ToFloatArray(), weights.Weight(query).ToFloatArray());
        Assert.Equal(expected.Bias(query)!.ToFloatArray(), weights.Bias(query)!.ToFloatArray());
        Assert.Equal(expected.RowNorms(query).ToFloatArray(), weights.RowNorms(query).ToFloatArray());
        Assert.Equal(expected.Rows(query, ids).ToFloatArray(), weights.Rows(query, ids).ToFloatArray());
        Assert.Null(weights.Bias(LayerId.Head));
        Assert.Equal([1, 1, 1, 0, 1], transfer.Moves.Select(move => move.To)); // ids go to the base, every answer to the client
    }

    [Fact]
    public void Between_BaseThatHidesItsWeights_HidesThemFromAPlacedClientToo()
    {
        using var model = new TinyModel();
        using var door = PlacedBaseLayers.Between(new TestBaseLayers(model.Direct), Options(new TestTransfer()), model.Layers);
        Assert.IsType<PlacedBaseLayers>(door);
        Assert.False(door is IBaseWeights);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Call_TransferFails_IsItsOwnersFailureAlone(int failing)
    {
        using var rig = new ExecutorRig(BatchingPolicy.Lockstep);
        var transfer = new TestTransfer { Fails = to => Math.Max(0, to.index) == failing };
        using var bad = rig.Executor.Attach(Options(transfer));
        using var good = rig.Attach("good");
        using var rows = rig.Rows(3, 1);
        using var expected = rig.Alone(ExecutorRig.Layer, CallDirection.Forward, rows);
        Exception? failure = null;
        float[]? answer = null;
        using (new Passes(bad, good))
        {
            TestThread.RunTogether(
                () =>
                {
                    failure = Record.Exception(() => bad.Forward(ExecutorRig.Layer, rows).Dispose());
                    bad.Dispose(); // as a run does that has failed: nobody waits for it any more
                },
                () =>
                {
                    using var y = good.Forward(ExecutorRig.Layer, rows);
                    answer = y.ToFloatArray();
                });
        }
        string message = Assert.IsType<InvalidOperationException>(failure).Message;
        Assert.Equal(failing == 0
            ? "'block 0 Down': Float32 [3, 40] of client 'away' could not be brought from cpu:1 to cpu: the link is down"
            : "'block 0 Down': Float32 [3, 24] of client 'away' could not be brought from cpu to cpu:1: the link is down", message);
        Assert.IsType<IOException>(failure!.InnerException);
        Assert.Equal(expected.ToFloatArray().Select(value => Math.Round(value, 4)), answer!.Select(value => Math.Round(value, 4)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Call_RowsOfAnotherDevice_AreRefusedWithBothDevices(bool placed)
    {
        using var rig = new ExecutorRig(BatchingPolicy.None);
        var transfer = new TestTransfer();
        using var client = placed ? rig.Executor.Attach(Options(transfer)) : rig.Attach("here");
        using var rows = ones([2, 40], device: META);
        string message = Assert.Throws<ArgumentException>(() => client.Forward(ExecutorRig.Layer, rows).Dispose()).Message;
        Assert.StartsWith(placed ? "Client 'away' computes on cpu:1, its input for 'block 0 Down' is on meta." : "'block 0 Down' is on cpu, the input on meta;", message, StringComparison.Ordinal);
        Assert.Empty(transfer.Moves);
    }

    [Fact]
    public void Call_Cancelled_MovesNothing()
    {
        using var rig = new ExecutorRig(BatchingPolicy.None);
        var transfer = new TestTransfer();
        using var client = rig.Executor.Attach(Options(transfer));
        using var rows = rig.Rows(2, 1);
        Assert.ThrowsAny<OperationCanceledException>(() => client.Forward(ExecutorRig.Layer, rows, ct: new CancellationToken(canceled: true)).Dispose());
        Assert.Empty(transfer.Moves);
    }

    [Fact]
    public void Call_Result_JoinsTheScopeOfTheCaller()
    {
        using var rig = new ExecutorRig(BatchingPolicy.None);
        using var client = rig.Executor.Attach(new ClientOptions { Name = "away", Device = Elsewhere });
        Tensor y;
        using (NewDisposeScope())
        {
            using var rows = rig.Rows(2, 1);
            rows.requires_grad = true;
            y = client.Forward(ExecutorRig.Layer, rows);
            Assert.False(y.requires_grad);
        }
        Assert.True(y.IsInvalid);
    }

    private static readonly ScalarType[] Both = [ScalarType.Float32, ScalarType.BFloat16];

    private static ClientOptions Options(TestTransfer transfer) => new() { Name = "away", Device = Elsewhere, Transfer = transfer };
}
