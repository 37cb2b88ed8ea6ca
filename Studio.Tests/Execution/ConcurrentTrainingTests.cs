using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Execution;
using Studio.Core.Training;
using Studio.Tests.Adapters.Doubles;
using Studio.Tests.Support;
using TorchSharp;

namespace Studio.Tests.Execution;

/// <summary>Runs that train at once, with dropout, do what each does alone.</summary>
public sealed class ConcurrentTrainingTests : TensorTest
{
    private const int Steps = 6;

    [Theory]
    [InlineData(BatchingPolicy.None)]
    [InlineData(BatchingPolicy.Opportunistic)]
    [InlineData(BatchingPolicy.Lockstep)]
    public void Train_ThreeRunsAtOnce_LossesEqualThoseOfEachAlone(BatchingPolicy policy)
    {
        using var model = new TinyModel();
        // The samples of all runs together stay below the ridge, so that calls are shared.
        var options = new ExecutorOptions { RidgeRows = 64, LockstepWait = TimeSpan.FromSeconds(5), OpportunisticWait = TimeSpan.FromSeconds(5) };
        var alone = new double[3][];
        for (int run = 0; run < 3; run++)
        {
            int which = run;
            TestThread.RunTogether(() => alone[which] = Train(model, new BaseExecutor(model.Layers, model.Config.BaseCalls(), options), which));
        }
        using var executor = model.Executor(policy, options);
        var together = new double[3][];
        TestThread.RunTogether([.. Enumerable.Range(0, 3).Select(run => new Action(() => together[run] = Train(model, executor, run)))]);

        for (int run = 0; run < 3; run++)
        {
            Assert.True(alone[run][^1] < alone[run][0], "The run learns nothing: equal losses would prove nothing.");
            for (int step = 0; step < Steps; step++) Assert.Equal(1, together[run][step] / alone[run][step], 1e-5);
        }
        Assert.NotEqual(alone[0], alone[1]);
        if (policy == BatchingPolicy.None) Assert.Equal(0, executor.Counters.SharedCalls);
        else Assert.True(executor.Counters.SharedCalls > 0);
    }

    private static double[] Train(TinyModel model, BaseExecutor executor, int run)
    {
        // As a lane among others: bit equality holds between threads with the same number of helpers.
        torch.set_num_threads(1);
        using var layers = executor.Attach(new ClientOptions { Name = $"run {run}" });
        using var adapter = HookAdapters.Lora(model, new LoraSpec { Rank = 2 + run, Alpha = 4, Dropout = 0.2 }, seed: (ulong)(20 + run));
        using var random = new torch.Generator((ulong)(50 + run));
        var optimizer = new FlatAdamW(new AdamWOptions());
        var losses = new double[Steps];
        for (int step = 0; step < Steps; step++)
        {
            losses[step] = TestTraining.Accumulate(model, adapter, layers, random).Loss;
            optimizer.Step(adapter.Parameters, 1e-2);
            adapter.Parameters.ReleaseGradients();
        }
        return losses;
    }
}
