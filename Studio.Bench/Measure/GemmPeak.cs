using System.Diagnostics;
using Studio.Core.Execution;
using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Bench.Measure;

/// <summary>
/// What the machine reaches on the products of one model's training step alone: every forward and backward base call on its own weights, each at
/// its best over some rounds, weighted by its operations.
/// </summary>
internal static class GemmPeak
{
    /// <summary>Multiply-adds count as two: floating point operations a second.</summary>
    /// <param name="model">Its layers are called without the executor.</param>
    /// <param name="rows">Rows of every call.</param>
    /// <param name="rounds">Best of how many.</param>
    public static double Measure(BaseModel model, int rows, int rounds = 5)
    {
        using var grad = no_grad();
        var calls = model.Config.BaseCalls().Where(layer => layer != LayerId.Embedding).Distinct().ToList();
        var best = calls.Select(_ => double.MaxValue).ToList();
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < calls.Count; i++) best[i] = Math.Min(best[i], Seconds(model, calls[i], rows));
        }
        return calls.Sum(layer => 4.0 * rows * Multiplied(model, layer)) / best.Sum();
    }

    /// <summary>Weights multiplied per token, the head included, the embedding look-up not.</summary>
    public static long MultipliedWeights(BaseModel model) => model.Config.BaseCalls().Where(layer => layer != LayerId.Embedding).Distinct().Sum(layer => Multiplied(model, layer));

    private static long Multiplied(BaseModel model, LayerId layer)
    {
        var description = model.Layers.Describe(layer);
        return (long)description.InputFeatures * description.OutputFeatures;
    }

    private static double Seconds(BaseModel model, LayerId layer, int rows)
    {
        using var scope = NewDisposeScope();
        var description = model.Layers.Describe(layer);
        var x = ones(rows, description.InputFeatures, dtype: model.ComputeType);
        var dy = ones(rows, description.OutputFeatures, dtype: model.ComputeType);
        long start = Stopwatch.GetTimestamp();
        model.Layers.Forward(layer, x);
        model.Layers.Backward(layer, dy);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
