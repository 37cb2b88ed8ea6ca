using Studio.Core.Adapters;
using Studio.Core.Tensors;
using Studio.Core.Training;
using Studio.Tests.Adapters.Doubles;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters;

/// <summary>Every hook of the contract trains a tensor: its gradient from the split tape is proven twice.</summary>
public sealed class AdapterHookTests : TensorTest
{
    [Theory]
    [MemberData(nameof(HookAdapters.Names), MemberType = typeof(HookAdapters))]
    public void Hook_GradientFromTheTape_EqualsAutograd(string name)
    {
        using var model = new TinyModel();
        using var adapter = HookAdapters.Create(name, model);
        var split = TestTraining.Split(model, adapter);
        var whole = TestTraining.Whole(model, adapter);
        Assert.Equal(whole.Loss, split.Loss, 1e-5);
        Assert.InRange(TestTraining.RelativeDifference(split, whole), 0, 1e-5);
    }

    [Theory]
    [MemberData(nameof(HookAdapters.Names), MemberType = typeof(HookAdapters))]
    public void Hook_GradientFromTheTape_EqualsAFiniteDifference(string name)
    {
        using var model = new TinyModel(ScalarType.Float64);
        using var adapter = HookAdapters.Create(name, model);
        var result = TestTraining.Split(model, adapter);
        foreach (var entry in adapter.Parameters.Entries)
        {
            var (slope, expected) = FiniteDifference(model, adapter, entry.Name, result.Gradients[entry.Name]);
            Assert.True(Math.Abs(expected) > 1e-3, $"{entry.Name}: the direction has no slope, the test would prove nothing.");
            Assert.Equal(expected, slope, 2e-4 * Math.Max(1, Math.Abs(expected)));
        }
    }

    [Fact]
    public void AfterBackwardAndAfterStep_AroundAnOptimizerStep_ActOnGradientsAndValues()
    {
        using var model = new TinyModel();
        using var adapter = new LifecycleAdapter(model.Config);
        float[] start = adapter.Parameters.Values.ToFloatArray();
        TestTraining.Accumulate(model, adapter);
        var step = new AdapterStep(1, 10, 5);
        adapter.AfterBackward(step);
        new FlatAdamW(new AdamWOptions { WeightDecay = 0 }).Step(adapter.Parameters, step.LearningRate);
        adapter.AfterStep(step);

        float[] end = adapter.Parameters.Values.ToFloatArray();
        int half = start.Length / 2;
        Assert.Equal(start[..half], end[..half]);
        Assert.All(end[half..], value => Assert.Equal(1, Math.Abs(value)));
        Assert.Equal(["backward 1", "step 1"], adapter.Events);
    }

    [Fact]
    public void Initialize_SameSeed_SameValues()
    {
        using var model = new TinyModel();
        using var first = HookAdapters.Create(nameof(SublayerAdapter), model, seed: 5);
        using var second = HookAdapters.Create(nameof(SublayerAdapter), model, seed: 5);
        using var other = HookAdapters.Create(nameof(SublayerAdapter), model, seed: 6);
        Assert.Equal(first.Parameters.Values.ToFloatArray(), second.Parameters.Values.ToFloatArray());
        Assert.NotEqual(first.Parameters.Values.ToFloatArray(), other.Parameters.Values.ToFloatArray());
    }

    // Central difference along the gradient's own direction: the slope there is the gradient's length.
    private static (double Slope, double Expected) FiniteDifference(TinyModel model, Adapter adapter, string name, double[] gradient)
    {
        const double Step = 1e-3;
        double length = Math.Sqrt(gradient.Sum(value => value * value));
        var leaf = adapter.Parameters[name];
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var start = leaf.detach().clone();
        var direction = tensor(gradient.Select(value => (float)(value / length)).ToArray()).view(leaf.shape);
        leaf.copy_(start + direction * Step);
        double above = TestTraining.Loss(model, adapter);
        leaf.copy_(start - direction * Step);
        double below = TestTraining.Loss(model, adapter);
        leaf.copy_(start);
        return ((above - below) / (2 * Step), length);
    }
}
