using Studio.Core.Adapters;
using Studio.Core.Clients;
using Studio.Core.Models;
using Studio.Core.Training;
using Studio.Tests.Support;
using Studio.Tests.Training;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Conformance;

/// <summary>Passes over a model that the conformance tests compare.</summary>
internal static class ConformancePasses
{
    /// <summary>All values of a tensor, row by row, in double precision.</summary>
    public static double[] ToFloats(this Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().to(ScalarType.Float64).data<double>().ToArray();
    }

    /// <summary>Logits of the samples' tokens, virtual ones left out.</summary>
    public static float[] Logits(TestModel model, IAdapter? adapter) => Logits(model, [adapter], TestTraining.Samples)[0];

    /// <summary>Logits of the first sample alone.</summary>
    public static float[] FirstSample(TestModel model, IAdapter? adapter) => Logits(model, [adapter], [TestTraining.Samples[0]])[0];

    /// <summary>Logits of the first sample twice in one batch: with the adapter and without.</summary>
    public static (float[] Adapted, float[] Base) SideBySide(TestModel model, IAdapter adapter)
    {
        var both = Logits(model, [adapter, null], [TestTraining.Samples[0], TestTraining.Samples[0]]);
        return (both[0], both[1]);
    }

    /// <summary>Logits with the adapter written into the weights.</summary>
    public static float[] MergedLogits(TestModel model, IAdapter adapter)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var context = new AutogradContext(model.Model, MergedWeights, id => MergedNorm(id));
        var hidden = model.Model.Forward(context, SequenceBatch.Of(TestTraining.Samples));
        return [.. model.Model.Logits(context, hidden, Rows(TestTraining.Samples, 0)).to(ScalarType.Float32).data<float>()];

        LinearWeights MergedWeights(LayerId layer)
        {
            var frozen = model.Weights(layer);
            return model.Modules.Find(layer) is not { } module ? frozen
                : new LinearWeights(adapter.MergeWeight(module, frozen.Weight), adapter.MergeBias(module, frozen.Bias));
        }

        NormWeights MergedNorm(NormId id)
        {
            var frozen = model.Model.Norms[id].Weights;
            return model.Modules.All.FirstOrDefault(module => module.Kind == ModuleKind.Norm && module.Norm == id) is not { } module ? frozen
                : new NormWeights(adapter.MergeWeight(module, frozen.Weight), adapter.MergeBias(module, frozen.Bias));
        }
    }

    /// <summary>Trains with dropout from a seed; returns the loss before each step.</summary>
    /// <param name="from">Steps taken before: the generator of each step depends on its number alone.</param>
    public static double[] Train(TestModel model, IAdapter adapter, FlatAdamW optimizer, int steps, int from = 0)
    {
        var losses = new double[steps];
        for (int step = 0; step < steps; step++)
        {
            using var random = new Generator((ulong)(100 + from + step));
            losses[step] = TestTraining.Accumulate(model, adapter, random: random).Loss;
            var at = new AdapterStep(from + step + 1, 1000, 5e-3);
            adapter.AfterBackward(at);
            optimizer.Step(adapter.Parameters, at.LearningRate);
            adapter.AfterStep(at);
            adapter.Parameters.ReleaseGradients();
        }
        return losses;
    }

    /// <summary>Trains a few steps of two micro-batches; returns their losses. Disposes the adapter.</summary>
    /// <param name="abandoned">Whether every step is first abandoned: early and late.</param>
    public static double[] TrainInALoop(TestModel model, IAdapter adapter, bool abandoned = false)
    {
        var settings = new TrainingSettings { BatchSize = 2, GradientAccumulation = 2, MaxSteps = 3, Epochs = 9, EvalFraction = 0, WarmupRatio = 0, LearningRate = 5e-3 };
        using var instance = new AdapterInstance("a", adapter);
        var layers = new InterruptingLayers(model.Direct);
        using var loop = new FineTuneLoop(model.Model, layers, instance, TestSamples.Data(TestSamples.Make(8, model.Config.Vocabulary), settings), settings);
        var losses = new List<double>();
        while (!loop.IsDone)
        {
            foreach (int call in abandoned ? [2, model.Config.Blocks * 12] : Array.Empty<int>())
            {
                layers.Interrupt(Interruption.Abandoned, call);
                Assert.ThrowsAny<OperationCanceledException>(() => loop.RunStep(layers.Abandoned));
            }
            layers.Interrupt(Interruption.Abandoned, 0);
            losses.Add(loop.RunStep(layers.Abandoned).Loss.Mean);
        }
        return [.. losses];
    }

    /// <summary>How the loss changes along a gradient's own direction.</summary>
    public static double Slope(TestModel model, IAdapter adapter, string tensor, double[] gradient)
    {
        const double Step = 1e-5;
        double length = Math.Sqrt(gradient.Sum(value => value * value));
        if (length == 0) return 0;
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var leaf = adapter.Parameters[tensor];
        var start = leaf.detach().clone();
        var direction = Direction(gradient, length).view(leaf.shape);
        leaf.copy_(start + direction * Step);
        double above = TestTraining.Loss(model, adapter);
        leaf.copy_(start - direction * Step);
        double below = TestTraining.Loss(model, adapter);
        leaf.copy_(start);
        return (above - below) / (2 * Step);
    }

    public static double LargestDifference(float[] a, float[] b)
    {
        Assert.Equal(a.Length, b.Length);
        return a.Zip(b, (x, y) => Math.Abs((double)x - y)).Max();
    }

    private static List<float[]> Logits(TestModel model, IReadOnlyList<IAdapter?> adapters, int[][] samples)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var context = SplitContext.ForInference(model.Direct, model.Modules, adapters);
        var hidden = model.Model.Forward(context, SequenceBatch.Of(samples));
        var spans = new List<RowSpan>();
        int start = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            int virtualTokens = (adapters.Count == 1 ? adapters[0] : adapters[i])?.VirtualTokens ?? 0;
            spans.Add(new RowSpan(start, virtualTokens + samples[i].Length, i));
            start += virtualTokens + samples[i].Length;
        }
        var logits = model.Model.Logits(context, hidden, spans).to(ScalarType.Float32);
        var parts = spans.Select((span, i) => logits.narrow(0, span.Start + span.Count - samples[i].Length, samples[i].Length)).ToList();
        return adapters.Count == 1 ? [cat(parts, 0).data<float>().ToArray()] : [.. parts.Select(part => part.contiguous().data<float>().ToArray())];
    }

    private static RowSpan[] Rows(int[][] samples, int virtualTokens)
    {
        var rows = new RowSpan[samples.Length];
        for (int i = 0, start = 0; i < rows.Length; start += rows[i++].Count) rows[i] = new RowSpan(start, samples[i].Length + virtualTokens, i);
        return rows;
    }

    private static Tensor Direction(double[] gradient, double length) => tensor(gradient.Select(value => value / length).ToArray());
}
