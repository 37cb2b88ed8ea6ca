using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Core.Training;
using Studio.Tests.Support;
using Studio.Tests.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Execution.Placement;

/// <summary>A base in parts is the base: same products, same gradients, the same refusals.</summary>
public sealed class ShardedBaseLayersTests : TensorTest
{
    private static readonly ExecutorOptions Alone = new() { Policy = BatchingPolicy.None };

    [Theory]
    [InlineData("llama", 1, false)]
    [InlineData("llama", 2, false)]
    [InlineData("llama", 3, false)]
    [InlineData("llama", 3, true)]
    [InlineData("smollm3", 1, false)]
    [InlineData("smollm3", 2, true)]
    [InlineData("smollm3", 3, false)]
    [InlineData("mixtral", 1, true)]
    [InlineData("mixtral", 2, false)]
    [InlineData("mixtral", 3, false)]
    [InlineData("qwen2_moe", 2, true)]
    [InlineData("opt_350m_style", 2, false)]
    public void Pass_OverParts_IsBitEqualToTheWholeBase(string name, int parts, bool elsewhere)
    {
        using var folder = new ModelOfThreeBlocks(name);
        Answer expected, found;
        using (var whole = StandIns.Whole(folder.Path, Alone)) expected = Answer.Of(whole);
        using (var sharded = StandIns.Load(folder.Path, parts, elsewhere ? StandIns.Device(9) : null, Alone)) found = Answer.Of(sharded);
        Assert.Contains(expected.Gradients, value => value != 0);
        Assert.Equal(expected.Loss, found.Loss);
        Assert.Equal(expected.Gradients, found.Gradients);
        Assert.Equal(expected.Logits, found.Logits);
        Assert.Equal(Work(expected.Counters), Work(found.Counters));
        Assert.Equal(expected.Counters.RowsPerBatch.Counts, found.Counters.RowsPerBatch.Counts);
        Assert.Equal(expected.Counters.Clients.Select(client => (client.Calls, client.Rows)), found.Counters.Clients.Select(client => (client.Calls, client.Rows)));

        static (long, long, long, double) Work(ExecutorCounters counters) => (counters.Calls, counters.Batches, counters.Rows, counters.Operations);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("smollm3")]
    public void Load_InParts_HoldsEveryWeightOnce(string name)
    {
        using var whole = StandIns.Whole(FixtureFolder.Model(name));
        using var sharded = StandIns.Load(FixtureFolder.Model(name), 2);
        Assert.Equal(whole.Bytes, sharded.Bytes);
        Assert.Equal((0, 1, 2), (Math.Max(0, whole.Device.index), sharded.Plan.Shards[0].Device.index, sharded.Plan.Shards[1].Device.index));
        Assert.Contains("is in parts on cpu:1, cpu:2", Assert.Throws<InvalidOperationException>(() => sharded.Executor).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => sharded.Layers);
    }

    [Fact]
    public void Load_PartOfABase_RefusesLayersOfTheOthers()
    {
        using var checkpoint = Checkpoint.Open(FixtureFolder.Model("smollm3"));
        using var reader = new WeightReader(checkpoint, ScalarType.Float32, CPU);
        using var part = FrozenLayers.Load(reader, new LayerRange(1, 2));
        using var head = FrozenLayers.Load(reader, new LayerRange(3, 3, Head: true)); // tied, away from the embedding: a copy of its own
        Assert.Equal(checkpoint.Config.Hidden, part.Describe(new LayerId(2, BaseProjection.Down)).OutputFeatures);
        Assert.Equal(checkpoint.Config.Vocabulary, head.Weight(LayerId.Head).Outputs);
        foreach (var layer in new[] { new LayerId(0, BaseProjection.Down), new LayerId(3, BaseProjection.QueryKeyValue), LayerId.Embedding, LayerId.Head })
            Assert.Contains($"'{layer}' is not in this part of the base, which holds blocks 1..2", Assert.Throws<ArgumentException>(() => part.Describe(layer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Call_LayerThatTheBaseLacks_IsRefusedByName()
    {
        using var sharded = StandIns.Load(FixtureFolder.Model("llama"), 3);
        using var door = sharded.Attach(new ClientOptions { Name = "a" });
        using var x = ones(2, sharded.Config.Hidden);
        Assert.Contains("no layer 'block 3 Down'", Assert.Throws<ArgumentException>(() => door.Describe(new LayerId(3, BaseProjection.Down))).Message, StringComparison.Ordinal);
        Assert.Contains("no layer 'block -2 Down'", Assert.Throws<ArgumentException>(() => door.Forward(new LayerId(-2, BaseProjection.Down), x)).Message, StringComparison.Ordinal);
        Assert.Contains("'block 1 Router'", Assert.Throws<ArgumentException>(() => door.Describe(new LayerId(1, BaseProjection.Router))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_OfParts_AreThoseOfTheWhole()
    {
        using var scope = NewDisposeScope();
        using var whole = StandIns.Whole(FixtureFolder.Model("llama"));
        using var sharded = StandIns.Load(FixtureFolder.Model("llama"), 3);
        var (expected, found) = (Assert.IsAssignableFrom<IBaseWeights>(whole.Direct()), Assert.IsAssignableFrom<IBaseWeights>(sharded.Direct(CPU)));
        foreach (var layer in whole.Config.WeightLayers())
        {
            Assert.Equal(expected.Weight(layer).ToFloatArray(), found.Weight(layer).ToFloatArray());
            Assert.Equal(expected.RowNorms(layer).ToFloatArray(), found.RowNorms(layer).ToFloatArray());
            Assert.Equal(expected.Bias(layer)?.ToFloatArray(), found.Bias(layer)?.ToFloatArray());
        }
        var ids = tensor(new long[] { 7, 1 });
        Assert.Equal(expected.Rows(LayerId.Embedding, ids).ToFloatArray(), found.Rows(LayerId.Embedding, ids).ToFloatArray());
        using var hidden = ShardedBaseLayers.Join([new BaseShard(new LayerRange(0, 2, Embedding: true, Head: true), new TestBaseLayers(whole.Direct()))]);
        Assert.False(hidden is IBaseWeights);
    }

    [Fact]
    public void BeginPass_OverParts_BeginsInOrderAndEndsInReverse()
    {
        var log = new List<string>();
        using var whole = StandIns.Whole(FixtureFolder.Model("llama"));
        using (var door = Join(whole, log))
        {
            var pass = door.BeginPass(PassKind.Training);
            pass.Dispose();
            pass.Dispose();
            Assert.Equal(["0 begins", "1 begins", "2 begins", "2 ends", "1 ends", "0 ends"], log);
            log.Clear();
        }
        Assert.Equal(["2 detaches", "1 detaches", "0 detaches"], log);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void BeginPass_OnePartRefuses_EndsWhatHadBegun(int refusing)
    {
        var log = new List<string>();
        using var whole = StandIns.Whole(FixtureFolder.Model("llama"));
        using var door = Join(whole, log, refusing);
        Assert.Equal("part " + refusing, Assert.Throws<InvalidOperationException>(() => door.BeginPass(PassKind.Training)).Message);
        Assert.Equal(refusing == 0 ? [] : ["0 begins", "1 begins", "1 ends", "0 ends"], log);
    }

    [Fact]
    public void Attach_ClientOfParts_IsOneClientUntilItLeaves()
    {
        using var sharded = StandIns.Load(FixtureFolder.Model("llama"), 3, options: Alone);
        using (var first = sharded.Attach(new ClientOptions { Name = "run" }))
        using (var second = sharded.Attach(new ClientOptions { Name = "run" })) // of the same name, and still another client
        {
            using (first.BeginPass(PassKind.Training))
            {
                using var x = ones(2, sharded.Config.Hidden);
                for (int block = 0; block < 3; block++) first.Forward(new LayerId(block, BaseProjection.QueryKeyValue), x).Dispose();
                Assert.Equal([0, 1, 2], sharded.ProductsSince(0).Select(product => product.Layer.Block));
                Assert.Equal([(3, 6, true), (0, 0, false)], sharded.Counters.Clients.Select(client => (client.Calls, client.Rows, client.InPass)));
            }
            Assert.All(sharded.Counters.Clients, client => Assert.False(client.InPass));
        }
        Assert.Empty(sharded.Counters.Clients);
        Assert.Throws<ArgumentException>(() => sharded.Attach(new ClientOptions { Name = "greedy", Share = 0 }));
        Assert.Empty(sharded.Counters.Clients);
    }

    [Theory]
    [InlineData(BatchingPolicy.None)]
    [InlineData(BatchingPolicy.Lockstep)]
    public void Pass_PartThatFailsForOneClient_LeavesTheOtherAlone(BatchingPolicy policy)
    {
        var options = new ExecutorOptions { Policy = policy, RidgeRows = 1000, LockstepWait = TimeSpan.FromSeconds(5) };
        using var sharded = StandIns.Load(FixtureFolder.Model("llama"), 3, options: options);
        double alone = Step(sharded, sharded.Direct(), seed: 1), together = 0;
        var transfer = new TestTransfer { Fails = to => to.index == 3 };
        Exception? failure = null;
        using var good = sharded.Attach(new ClientOptions { Name = "good" });
        using var bad = sharded.Attach(new ClientOptions { Name = "bad", Transfer = transfer });
        using var start = new Barrier(2);
        TestThread.RunTogether(
            () =>
            {
                start.SignalAndWait();
                failure = Record.Exception(() => Step(sharded, bad, seed: 2));
            },
            () =>
            {
                start.SignalAndWait();
                together = Step(sharded, good, seed: 1);
            });
        Assert.StartsWith("'block 2 QueryKeyValue': ", Assert.IsType<InvalidOperationException>(failure).Message, StringComparison.Ordinal);
        Assert.Equal(1, together / alone, 1e-5);
        Assert.All(sharded.Counters.Clients, client => Assert.False(client.InPass));
        // The one that failed may go on once its way is free again.
        transfer.Fails = null;
        Assert.True(double.IsFinite(Step(sharded, bad, seed: 2)));
    }

    [Fact]
    public void ClientModel_OfAnotherDevice_IsMadeOnceAndCounted()
    {
        using var whole = StandIns.Whole(FixtureFolder.Model("gpt2")); // norms with a bias, and a position table
        long bytes = whole.Bytes;
        Assert.Same(whole.Model, whole.ClientModel());
        Assert.Same(whole.Model, whole.ClientModel(CPU));
        Assert.Equal(bytes, whole.Bytes);
        var away = whole.ClientModel(StandIns.Device(2));
        Assert.Same(away, whole.ClientModel(StandIns.Device(2)));
        Assert.NotSame(whole.Model, away);
        Assert.Equal(2, away.Device.index);
        Assert.Equal(bytes + whole.Model.NormBytes, whole.Bytes);
        foreach (var (id, norm) in whole.Model.Norms)
        {
            Assert.Equal(norm.Weights.Weight.ToFloatArray(), away.Norms[id].Weights.Weight.ToFloatArray());
            Assert.Equal(norm.Weights.Bias!.ToFloatArray(), away.Norms[id].Weights.Bias!.ToFloatArray());
        }
    }

    [Fact]
    public void MeasurePeak_OfParts_IsMeasuredOnEach()
    {
        using var sharded = StandIns.Load(FixtureFolder.Model("llama"), 2);
        Assert.Equal(0, sharded.PeakOperations);
        sharded.MeasurePeak();
        Assert.True(sharded.PeakOperations > 0);
    }

    private static double Step(BaseModel model, IBaseLayers layers, ulong seed)
    {
        using var adapter = Answer.Lora(model, seed);
        using var random = new Generator(seed);
        var samples = TestSamples.Make(3, model.Config.Vocabulary, seed);
        double loss = new SampleLoss(model.ClientModel(), layers).Backpropagate(samples, adapter, random, SampleLoss.TrainedTokens(samples, adapter)).Mean;
        adapter.Parameters.CollectGradients();
        adapter.Parameters.ReleaseGradients();
        return loss;
    }

    private static IBaseLayers Join(BaseModel model, List<string> log, int refusing = -1) => ShardedBaseLayers.Join([.. Enumerable.Range(0, 3).Select(part =>
        new BaseShard(new LayerRange(part, part, Embedding: part == 0, Head: part == 2), new LoggedLayers(model.Direct(), part, log, refusing == part)))]);

    private sealed class LoggedLayers(IBaseLayers inner, int part, List<string> log, bool refuses) : IBaseLayers
    {
        public LayerDescription Describe(LayerId layer) => inner.Describe(layer);

        public Tensor Forward(LayerId layer, Tensor x, RowGroups? rowGroups = null, CancellationToken ct = default) => inner.Forward(layer, x, rowGroups, ct);

        public Tensor Backward(LayerId layer, Tensor dy, RowGroups? rowGroups = null, CancellationToken ct = default) => inner.Backward(layer, dy, rowGroups, ct);

        public IDisposable BeginPass(PassKind kind, CancellationToken ct = default)
        {
            if (refuses) throw new InvalidOperationException($"part {part}");
            log.Add($"{part} begins");
            return new End(() => log.Add($"{part} ends"));
        }

        public void Dispose() => log.Add($"{part} detaches");
    }

    private sealed class End(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
