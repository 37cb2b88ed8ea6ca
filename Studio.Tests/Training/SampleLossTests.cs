using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Data;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Core.Training;
using Studio.Tests.Adapters.Doubles;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Training;

public sealed class SampleLossTests : TensorTest
{
    private readonly TinyModel _model;
    private readonly Generator _random;
    private readonly IReadOnlyList<TrainingSample> _samples;

    // Not in initialisers: those run before the leak check begins to count.
    public SampleLossTests()
    {
        _model = new TinyModel();
        _random = new Generator(1);
        _samples = TestSamples.Make(6, _model.Config.Vocabulary);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(1000)]
    public void Backpropagate_WithAnyChunk_EqualsTheLossOverAllLogits(int chunkRows)
    {
        using var adapter = HookAdapters.Lora(_model);
        AssertEqualsReference(adapter, chunkRows);
    }

    [Fact]
    public void Backpropagate_AdapterOnTheHead_EqualsTheLossOverAllLogits()
    {
        using var adapter = HookAdapters.Lora(_model, new LoraSpec { Rank = 3, Alpha = 6, Targets = TargetSelection.Of("lm_head", "q_proj") });
        AssertEqualsReference(adapter, chunkRows: 5);
    }

    [Fact]
    public void Backpropagate_AdapterOnTheHeadAlone_EqualsTheLossOverAllLogits()
    {
        using var adapter = HookAdapters.Lora(_model, new LoraSpec { Rank = 3, Alpha = 6, Targets = TargetSelection.Of("lm_head") });
        AssertEqualsReference(adapter, chunkRows: 5);
    }

    [Theory]
    [MemberData(nameof(HookAdapters.Names), MemberType = typeof(HookAdapters))]
    public void Backpropagate_EveryHook_EqualsTheLossOverAllLogits(string name)
    {
        using var adapter = HookAdapters.Create(name, _model);
        AssertEqualsReference(adapter, chunkRows: 7);
    }

    [Fact]
    public void Backpropagate_FirstTokenTrained_IsPredictedByTheLastVirtualTokenOnly()
    {
        TrainingSample[] samples = [.. _samples.Select(sample => sample with { Trained = [.. sample.Ids.Select(_ => true)] })];
        using var plain = HookAdapters.Lora(_model);
        using var virtualTokens = new VirtualTokenAdapter(_model.Config);
        Assert.Equal(samples.Sum(sample => sample.Length - 1), SampleLoss.TrainedTokens(samples, plain));
        Assert.Equal(samples.Sum(sample => sample.Length), SampleLoss.TrainedTokens(samples, virtualTokens));
        using var layers = _model.Direct;
        double reference = ReferenceLoss.Backpropagate(_model, samples, virtualTokens);
        virtualTokens.Parameters.ReleaseGradients();
        var loss = new SampleLoss(_model.Model, layers).Measure(samples, virtualTokens, TestContext.Current.CancellationToken);
        Assert.Equal(samples.Sum(sample => sample.Length), loss.Tokens);
        Assert.Equal(reference, loss.Mean, 1e-5);
    }

    [Fact]
    public void Backpropagate_MicroBatches_AddUpToOneLargeBatch()
    {
        using var adapter = HookAdapters.Lora(_model);
        using var layers = _model.Direct;
        var loss = new SampleLoss(_model.Model, layers);
        long tokens = SampleLoss.TrainedTokens(_samples, adapter);
        var whole = loss.Backpropagate(_samples, adapter, _random, tokens, ct: TestContext.Current.CancellationToken);
        float[] expected = TakeGradients(adapter);

        var parts = default(LossSum);
        foreach (var part in _samples.Chunk(2))
        {
            parts += loss.Backpropagate(part, adapter, _random, tokens, 1.0 / 3, TestContext.Current.CancellationToken);
            adapter.Parameters.CollectGradients();
        }

        Assert.Equal(whole.Tokens, parts.Tokens);
        Assert.Equal(whole.Mean, parts.Mean, 1e-5);
        Assert.InRange(RelativeDifference(TakeGradients(adapter), expected), 0, 1e-5);
    }

    [Fact]
    public void Measure_OtherSampleChanged_LeavesASamplesLossAsItIs()
    {
        using var adapter = HookAdapters.Lora(_model);
        using var layers = _model.Direct;
        var loss = new SampleLoss(_model.Model, layers);
        var silent = _samples[0] with { Trained = new bool[_samples[0].Length] };
        var other = silent with { Ids = [.. silent.Ids.Select(id => (id + 7) % _model.Config.Vocabulary)] };
        double alone = loss.Measure([_samples[1]], adapter, TestContext.Current.CancellationToken).Sum;
        double before = loss.Measure([silent, _samples[1]], adapter, TestContext.Current.CancellationToken).Sum;
        double after = loss.Measure([other, _samples[1]], adapter, TestContext.Current.CancellationToken).Sum;
        Assert.Equal(before, after);
        Assert.Equal(alone, before, 1e-4);
    }

    [Fact]
    public void Measure_WithoutAnAdapter_EqualsAnUntrainedOne()
    {
        using var adapter = AdapterMethods.Build(new LoraSpec(), _model.Site);
        adapter.Initialize(_random);
        using var layers = _model.Direct;
        var loss = new SampleLoss(_model.Model, layers);
        var untrained = loss.Measure(_samples, adapter, TestContext.Current.CancellationToken);
        Assert.Equal(loss.Measure(_samples, null, TestContext.Current.CancellationToken).Mean, untrained.Mean, 1e-6);
        Assert.Equal(SampleLoss.TrainedTokens(_samples, adapter), untrained.Tokens);
    }

    [Fact]
    public void Backpropagate_AnnouncesItsPass_AndEndsItAfterAFailure()
    {
        using var adapter = HookAdapters.Lora(_model);
        using var executor = _model.Executor(BatchingPolicy.None);
        using var layers = executor.Attach(new ClientOptions { Name = "run" });
        var loss = new SampleLoss(_model.Model, layers);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => loss.Backpropagate(_samples, adapter, _random, 1, ct: cancelled.Token));
        int outside = _model.Config.Vocabulary;
        Assert.ThrowsAny<Exception>(() => loss.Backpropagate([new TrainingSample([1, outside], [false, true])], adapter, _random, 1, ct: TestContext.Current.CancellationToken));
        layers.BeginPass(PassKind.Training, TestContext.Current.CancellationToken).Dispose(); // would refuse a second pass
        adapter.Parameters.ReleaseGradients();
    }

    protected override void Release()
    {
        _model.Dispose();
        _random.Dispose();
    }

    private void AssertEqualsReference(IAdapter adapter, int chunkRows)
    {
        double expectedLoss = ReferenceLoss.Backpropagate(_model, _samples, adapter);
        float[] expected = TakeGradients(adapter);
        using var layers = _model.Direct;
        var loss = new SampleLoss(_model.Model, layers, chunkRows);
        var found = loss.Backpropagate(_samples, adapter, _random, SampleLoss.TrainedTokens(_samples, adapter), ct: TestContext.Current.CancellationToken);
        adapter.Parameters.CollectGradients();
        float[] gradients = TakeGradients(adapter);
        Assert.Equal(expectedLoss, found.Mean, 1e-5);
        Assert.InRange(RelativeDifference(gradients, expected), 0, 1e-5);
        Assert.Equal(expectedLoss, loss.Measure(_samples, adapter, TestContext.Current.CancellationToken).Mean, 1e-5);
    }

    private static float[] TakeGradients(IAdapter adapter)
    {
        adapter.Parameters.CollectGradients();
        float[] gradients = adapter.Parameters.Gradients.ToFloatArray();
        adapter.Parameters.ReleaseGradients();
        return gradients;
    }

    private static double RelativeDifference(float[] found, float[] expected)
    {
        double difference = found.Zip(expected, (a, b) => Math.Pow((double)a - b, 2)).Sum();
        return Math.Sqrt(difference / expected.Sum(value => (double)value * value));
    }
}
