using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Generation;
using Studio.Core.Tensors;
using Studio.Core.Training;
using Studio.Tests.Adapters.Doubles;
using Studio.Tests.Generation;
using Studio.Tests.Support;
using Studio.Tests.Training;
using TorchSharp;

namespace Studio.Tests.Leaks;

/// <summary>Neither tensors nor private bytes grow over many steps and answers.</summary>
public sealed class NoGrowthTests : TensorTest
{
    private const int Warm = 40;
    private const int Rounds = 200;

    // Allocators keep some pages; one leaked activation of a step would be more than this over the rounds.
    private const long Tolerance = 12_000_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RunStep_TwoHundredSteps_LeaveNoTensorsAndNoBytes(bool checkpointing)
    {
        using var model = new TinyModel();
        using var executor = model.Executor(BatchingPolicy.Opportunistic);
        using var instance = new AdapterInstance("a", HookAdapters.Lora(model, new LoraSpec { Rank = 3, Alpha = 6, Dropout = 0.1 }));
        var settings = new TrainingSettings { BatchSize = 8, Epochs = 1000, MaxSteps = Warm + Rounds, EvalEverySteps = 0, EvalFraction = 0.25, LearningRate = 1e-3, ActivationCheckpointing = checkpointing };
        var data = TestSamples.Data(TestSamples.Make(40, model.Config.Vocabulary), settings);
        using var loop = new FineTuneLoop(model.Model, executor.Attach(new ClientOptions { Name = "run" }), instance, data, settings);
        AssertNoGrowth(() =>
        {
            loop.RunStep();
            if (loop.Step % 20 == 0) loop.Evaluate();
        }, settle: () => { });
        Assert.True(loop.IsDone);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(200_000)]
    public async Task GenerateAsync_TwoHundredAnswers_LeaveNoTensorsAndNoBytes(long prefixCacheBytes)
    {
        using var rig = new DecodeRig();
        using var lanes = new ComputeLanePool(1, 1);
        var adapter = rig.Lora(seed: 3);
        await using var generator = new TextGenerator(rig.Model, rig.Tokenizer, [], lanes, prefixCacheBytes);
        int round = 0;
        // Off the test's own context: the answers are awaited where they are asked for.
        await Task.Run(() => AssertNoGrowth(() => Answers(generator, adapter, round++).GetAwaiter().GetResult(), () => Settle(generator).GetAwaiter().GetResult()),
            TestContext.Current.CancellationToken);
        Assert.InRange(generator.KeptBytes, 0, prefixCacheBytes);
    }

    // With the base, with an adapter, and with one that is left early, all in one batch.
    private static async Task Answers(TextGenerator generator, AdapterInstance adapter, int round)
    {
        await Task.WhenAll(
            Read(DecodeRig.Greedy(DecodeRig.Prompt(10 + round % 20, 1), tokens: 6), whole: true),
            Read(DecodeRig.Greedy(DecodeRig.Prompt(5, 2), adapter, tokens: 6), whole: true),
            Read(DecodeRig.Greedy(DecodeRig.Prompt(5, 3), tokens: 50), whole: false));

        async Task Read(GenerationRequest request, bool whole)
        {
            await foreach (var piece in generator.GenerateAsync(request))
                if (!whole) break;
        }
    }

    // A session that its reader left is freed before the next pass: after one more answer only that one's cache is left, until it is gone too.
    private static async Task Settle(TextGenerator generator)
    {
        await foreach (var piece in generator.GenerateAsync(DecodeRig.Greedy(DecodeRig.Prompt(5, 1), tokens: 6)))
        {
        }
        TestThread.Await("all caches are freed", () => generator.CacheBytes == 0);
    }

    private static void AssertNoGrowth(Action round, Action settle)
    {
        for (int i = 0; i < Warm; i++) round();
        settle();
        long bytes = ProcessMemory.PrivateBytes(), tensors = torch.Tensor.TotalCount;
        for (int i = 0; i < Rounds; i++) round();
        settle();
        Assert.Equal(tensors, torch.Tensor.TotalCount);
        Assert.InRange(ProcessMemory.PrivateBytes() - bytes, long.MinValue, Tolerance);
    }
}
