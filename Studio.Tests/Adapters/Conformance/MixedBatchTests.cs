using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Training;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Conformance;

/// <summary>
/// Eight clients with eight methods, ranks, targets, dtypes and lengths train at once on one base, with dropout: each loses as it does alone.
/// </summary>
public sealed class MixedBatchTests : TensorTest
{
    private const int Steps = 5;

    private static readonly Client[] Clients =
    [
        new(new LoraSpec { Rank = 8, Alpha = 16, Dropout = 0.1 }, ScalarType.Float32, [9, 5]),
        new(new LoraSpec { Rank = 3, UseDora = true, Dropout = 0.2, Targets = TargetSelection.Of("q_proj", "v_proj") }, ScalarType.Float32, [12]),
        new(new Ia3Spec(), ScalarType.Float32, [4, 3, 6]),
        new(new PrefixTuningSpec { VirtualTokens = 3 }, ScalarType.Float32, [7]),
        new(new VeraSpec { Rank = 6, Dropout = 0.1 }, ScalarType.BFloat16, [8, 8]),
        new(new OftSpec { BlockSize = 8, ModuleDropout = 0.1, Targets = TargetSelection.Of("o_proj", "down_proj") }, ScalarType.Float32, [11]),
        new(new BottleneckSpec { Width = 6, Dropout = 0.2 }, ScalarType.Float32, [3, 10]),
        new(new LohaSpec { Rank = 2, Targets = TargetSelection.Of("gate_proj", "k_proj") }, ScalarType.BFloat16, [14]),
    ];

    [Theory]
    [InlineData(BatchingPolicy.None, 1)]
    [InlineData(BatchingPolicy.Opportunistic, 2)]
    [InlineData(BatchingPolicy.Lockstep, 3)]
    [InlineData(BatchingPolicy.Lockstep, 4)]
    public void Train_EightMethodsAtOnceInAnyOrder_LossesEqualThoseOfEachAlone(BatchingPolicy policy, int order)
    {
        using var model = new FixtureModel("llama");
        using var half = new FixtureModel("llama", ScalarType.BFloat16);
        // All requests stay below the ridge, so that calls are shared wherever the policy lets them.
        var options = new ExecutorOptions { RidgeRows = 256, LockstepWait = TimeSpan.FromSeconds(2), OpportunisticWait = TimeSpan.FromSeconds(2) };
        var alone = new double[Clients.Length][];
        for (int i = 0; i < Clients.Length; i++)
        {
            int which = i;
            using var own = model.Executor(BatchingPolicy.None, options);
            TestThread.RunTogether(() => alone[which] = Train(model, half, own, which));
        }

        using var executor = model.Executor(policy, options);
        var together = new double[Clients.Length][];
        var shuffled = Enumerable.Range(0, Clients.Length).OrderBy(which => (which * 37 + order * 101) % 17).ToArray();
        TestThread.RunTogether([.. shuffled.Select(which => new Action(() => together[which] = Train(model, half, executor, which)))]);

        for (int i = 0; i < Clients.Length; i++)
        {
            double allowed = Clients[i].Type == ScalarType.BFloat16 ? 2e-2 : 1e-5;
            for (int step = 0; step < Steps; step++)
                Assert.True(Math.Abs(together[i][step] / alone[i][step] - 1) <= allowed, $"{Clients[i].Spec.Method}, step {step}: {together[i][step]} in company, {alone[i][step]} alone.");
            Assert.True(alone[i].Min() < alone[i][0], $"{Clients[i].Spec.Method} learns nothing: equal losses would prove nothing.");
        }
        if (policy == BatchingPolicy.None) Assert.Equal(0, executor.Counters.SharedCalls);
        else Assert.True(executor.Counters.SharedCalls > 0);
    }

    private static double[] Train(FixtureModel model, FixtureModel half, BaseExecutor executor, int which)
    {
        var client = Clients[which];
        // As a lane among others: equality holds between threads with the same number of helpers.
        set_num_threads(1);
        // A client in half precision computes its own side in it; the base stays as it is.
        var side = client.Type == ScalarType.BFloat16 ? half : model;
        using var layers = executor.Attach(new ClientOptions { Name = $"client {which}", Type = client.Type });
        using var adapter = AdapterMethods.Build(client.Spec, model.Site);
        using (var start = new Generator((ulong)(31 + which))) adapter.Initialize(start);
        using (NewDisposeScope())
        using (no_grad())
        using (var start = new Generator((ulong)(61 + which)))
            adapter.Parameters.Values.add_(randn([adapter.Parameters.Count], generator: start) * 0.02);
        using var random = new Generator((ulong)(91 + which));
        var optimizer = new FlatAdamW(new AdamWOptions());
        var losses = new double[Steps];
        for (int step = 0; step < Steps; step++)
        {
            losses[step] = TestTraining.Accumulate(side, adapter, layers, random, client.Samples(which)).Loss;
            var at = new AdapterStep(step + 1, Steps, 2e-2);
            adapter.AfterBackward(at);
            optimizer.Step(adapter.Parameters, at.LearningRate);
            adapter.AfterStep(at);
            adapter.Parameters.ReleaseGradients();
        }
        return losses;
    }

    private sealed record Client(AdapterSpec Spec, ScalarType Type, int[] Lengths)
    {
        public int[][] Samples(int seed) => [.. Lengths.Select((length, i) => Enumerable.Range(0, length).Select(at => 3 + (seed * 29 + i * 13 + at * 7) % 200).ToArray())];
    }
}
