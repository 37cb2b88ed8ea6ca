using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Data;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Core.Training;
using Studio.Tests.Adapters.Doubles;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Training;

public sealed class FineTuneLoopTests : TensorTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TrainingSettings Settings = new()
    {
        BatchSize = 3, MaxSteps = 8, Epochs = 50, LearningRate = 1e-2, EvalFraction = 0, WarmupRatio = 0.2,
    };

    private readonly TinyModel _model;

    // Not in an initialiser: those run before the leak check begins to count.
    public FineTuneLoopTests() => _model = new TinyModel();

    [Theory]
    [InlineData(BatchingPolicy.None)]
    [InlineData(BatchingPolicy.Opportunistic)]
    [InlineData(BatchingPolicy.Lockstep)]
    public async Task RunStep_TwoLoopsOnOneExecutor_LoseAsEachAlone(BatchingPolicy policy)
    {
        double[][] alone = [Train(_model.Direct, 1), Train(_model.Direct, 2)];
        // Long waits: whether calls meet must not depend on how busy the machine is. Nobody waits for who will not come.
        using var executor = _model.Executor(policy, new ExecutorOptions { OpportunisticWait = Patience, LockstepWait = Patience, RidgeRows = 1000 });
        using var start = new Barrier(2);
        var together = new double[2][];
        var threads = Enumerable.Range(0, 2).Select(i => Task.Factory.StartNew(
            () => together[i] = Train(executor.Attach(new ClientOptions { Name = $"run {i}" }), (ulong)i + 1, start), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        await Task.WhenAll(threads);

        for (int run = 0; run < 2; run++)
            for (int step = 0; step < alone[run].Length; step++)
                Assert.InRange(Math.Abs(together[run][step] - alone[run][step]) / alone[run][step], 0, 1e-5);
        Assert.NotEqual(alone[0], alone[1]);
        if (policy == BatchingPolicy.None) Assert.Equal(0, executor.Counters.SharedCalls);
        else Assert.True(executor.Counters.SharedCalls > 0, "The two runs never shared a base call.");
    }

    [Fact]
    public void RunStep_Accumulating_EqualsOneLargeBatch()
    {
        var spec = new LoraSpec { Rank = 3, Alpha = 6 };
        var large = Settings with { BatchSize = 4, GradientAccumulation = 1 };
        var (expected, expectedNorms, expectedValues) = Run(large, spec, samples: 10);
        var (found, norms, values) = Run(large with { BatchSize = 2, GradientAccumulation = 2 }, spec, samples: 10);
        AssertClose(expected, found, 1e-5);
        AssertClose(expectedNorms, norms, 1e-4);
        AssertClose(values, expectedValues, 1e-4);
    }

    [Fact]
    public void Evaluate_BetweenAllSteps_ChangesNothingInTheTraining()
    {
        var settings = Settings with { EvalFraction = 0.3 };
        var (expected, _, expectedValues) = Run(settings, Dropped, samples: 12);
        var (found, _, values) = Run(settings with { EvalEverySteps = 1 }, Dropped, samples: 12, (loop, step) =>
        {
            Assert.True(loop.IsEvaluationDue);
            double loss = loop.Evaluate(TestContext.Current.CancellationToken).Mean;
            Assert.Equal(loss, loop.Evaluate(TestContext.Current.CancellationToken).Mean); // without dropout, so always the same
        });
        AssertClose(expected, found, 1e-6);
        AssertClose(expectedValues, values, 1e-5);
    }

    [Fact]
    public void RunStep_SameSeed_IsTheSameRun_AnotherSeedIsNot()
    {
        var (first, second, other) = (Run(Settings, Dropped, 9), Run(Settings, Dropped, 9), Run(Settings with { Seed = 43 }, Dropped, 9));
        AssertClose(first.Losses, second.Losses, 1e-6);
        AssertClose(first.Values, second.Values, 1e-5);
        Assert.NotEqual(first.Losses[0], other.Losses[0], 1e-3);
    }

    [Fact]
    public void RunStep_LearningRateOfZero_ChangesNoValue()
    {
        // The first step of a warm-up has the rate 0 (transformers' schedules), and decay is scaled by it.
        using var instance = new AdapterInstance("a", HookAdapters.Lora(_model));
        float[] before = instance.Adapter.Parameters.Values.ToFloatArray();
        using var loop = Loop(Settings with { WeightDecay = 0.5 }, instance, 9);
        Assert.Equal(0, loop.RunStep(TestContext.Current.CancellationToken).LearningRate);
        Assert.Equal(before, instance.Adapter.Parameters.Values.ToFloatArray());
        Assert.Equal(1, instance.Updates);
        loop.RunStep(TestContext.Current.CancellationToken);
        Assert.NotEqual(before, instance.Adapter.Parameters.Values.ToFloatArray());
    }

    [Fact]
    public void RunStep_GradientIsNotANumber_NotEvenTheConstraintOfARotationActs()
    {
        // COFT shortens rotations that are too large, before the update.
        using var instance = new AdapterInstance("a", AdapterMethods.Build(new OftSpec { BlockSize = 4, Constrained = true, Epsilon = 1e-6 }, _model.Site));
        using (no_grad()) instance.Adapter.Parameters.Values.fill_(0.2);
        float[] before = instance.Adapter.Parameters.Values.ToFloatArray();
        var layers = new InterruptingLayers(_model.Direct);
        using var loop = Loop(Settings, instance, 9, layers);
        layers.Interrupt(Interruption.NotANumber, 19); // on the way back: two blocks have seven calls each here
        Assert.Contains("gradient norm", Assert.Throws<NotFiniteNumberException>(() => loop.RunStep(TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.Equal(before, instance.Adapter.Parameters.Values.ToFloatArray());
        layers.Interrupt(Interruption.NotANumber, 0);
        loop.RunStep(TestContext.Current.CancellationToken);
        Assert.True(instance.Adapter.Parameters.Values.ToFloatArray().Max() < 0.1f);
    }

    [Fact]
    public void RunStep_LossIsNotANumber_LeavesTheAdapterAsItWas()
    {
        using var instance = new AdapterInstance("a", HookAdapters.Lora(_model));
        using var loop = Loop(Settings, instance, 9);
        using (no_grad()) instance.Adapter.Parameters.Values.mul_(1e30f);
        float[] before = instance.Adapter.Parameters.Values.ToFloatArray();
        var refusal = Assert.Throws<NotFiniteNumberException>(() => loop.RunStep(TestContext.Current.CancellationToken));
        Assert.Contains("of step 1 is ", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, instance.Adapter.Parameters.Values.ToFloatArray());
        Assert.Equal((0, 0L, 0L), (loop.Step, instance.Updates, instance.Adapter.Parameters.GradientBytes));
    }

    [Fact]
    public void RunStep_Cancelled_LeavesTheAdapterAsItWas()
    {
        using var executor = _model.Executor(BatchingPolicy.None);
        using var instance = new AdapterInstance("a", HookAdapters.Lora(_model));
        float[] before = instance.Adapter.Parameters.Values.ToFloatArray();
        using var loop = Loop(Settings, instance, 9, executor.Attach(new ClientOptions { Name = "run" }));
        Assert.ThrowsAny<OperationCanceledException>(() => loop.RunStep(new CancellationToken(canceled: true)));
        Assert.Equal(before, instance.Adapter.Parameters.Values.ToFloatArray());
        Assert.Equal(0, loop.Step);
    }

    [Fact]
    public void RunStep_AllStepsTaken_IsRefused()
    {
        using var instance = new AdapterInstance("a", HookAdapters.Lora(_model));
        using var loop = Loop(Settings with { MaxSteps = 1 }, instance, 9);
        loop.RunStep(TestContext.Current.CancellationToken);
        Assert.True(loop.IsDone);
        Assert.Throws<InvalidOperationException>(() => loop.RunStep(TestContext.Current.CancellationToken));
    }

    protected override void Release() => _model.Dispose();

    private static LoraSpec Dropped => new() { Rank = 3, Alpha = 6, Dropout = 0.3 };

    private FineTuneLoop Loop(TrainingSettings settings, AdapterInstance instance, int samples, IBaseLayers? layers = null, ulong seed = 5) =>
        new(_model.Model, layers ?? _model.Direct, instance, TestSamples.Data(TestSamples.Make(samples, _model.Config.Vocabulary, seed), settings), settings);

    private double[] Train(IBaseLayers layers, ulong seed, Barrier? start = null)
    {
        using var instance = new AdapterInstance("a", HookAdapters.Lora(_model, Dropped, seed));
        using var loop = Loop(Settings with { Seed = (long)seed }, instance, 10, layers, seed);
        if (start?.SignalAndWait(Patience) == false) throw new TimeoutException("The other run did not come.");
        var losses = new List<double>();
        while (!loop.IsDone) losses.Add(loop.RunStep().Loss.Mean);
        return [.. losses];
    }

    private (double[] Losses, double[] Norms, double[] Values) Run(TrainingSettings settings, LoraSpec spec, int samples, Action<FineTuneLoop, int>? before = null)
    {
        using var instance = new AdapterInstance("a", HookAdapters.Lora(_model, spec));
        using var loop = Loop(settings, instance, samples);
        var steps = new List<StepReport>();
        while (!loop.IsDone)
        {
            before?.Invoke(loop, loop.Step);
            steps.Add(loop.RunStep());
        }
        return ([.. steps.Select(step => step.Loss.Mean)], [.. steps.Select(step => step.GradientNorm)], [.. instance.Adapter.Parameters.Values.ToFloatArray().Select(value => (double)value)]);
    }

    private static void AssertClose(double[] expected, double[] found, double tolerance)
    {
        Assert.Equal(expected.Length, found.Length);
        double difference = Math.Sqrt(expected.Zip(found, (a, b) => (a - b) * (a - b)).Sum()), length = Math.Sqrt(expected.Sum(value => value * value));
        Assert.InRange(difference / length, 0, tolerance);
    }
}
