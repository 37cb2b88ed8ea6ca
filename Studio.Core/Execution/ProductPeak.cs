using System.Diagnostics;
using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Core.Execution;

/// <summary>What the machine reaches on the products of a model alone: the yardstick for what it reaches in use.</summary>
public static class ProductPeak
{
    /// <summary>Floating-point operations a second (a multiply-add counts as two): every call forward and backward at its best over some rounds, weighted by its operations.</summary>
    /// <param name="layers">The frozen layers, called without a service.</param>
    /// <param name="calls">Base calls that need no row groups.</param>
    /// <param name="rows">Rows of every call.</param>
    /// <param name="rounds">Best of how many.</param>
    public static double Measure(FrozenLayers layers, IEnumerable<LayerId> calls, int rows, int rounds)
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rounds);
        using var grad = no_grad();
        var measured = calls.Where(layer => layer != LayerId.Embedding).Distinct().Select(layers.Describe).ToList();
        var best = measured.Select(_ => double.MaxValue).ToList();
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < measured.Count; i++) best[i] = Math.Min(best[i], Seconds(layers, measured[i], rows));
        }
        return measured.Sum(layer => 4.0 * rows * layer.InputFeatures * layer.OutputFeatures) / best.Sum();
    }

    private static double Seconds(FrozenLayers layers, LayerDescription layer, int rows)
    {
        using var scope = NewDisposeScope();
        var x = ones(rows, layer.InputFeatures, dtype: layers.ComputeType, device: layers.Device);
        var dy = ones(rows, layer.OutputFeatures, dtype: layers.ComputeType, device: layers.Device);
        Finish(layers);
        long start = Stopwatch.GetTimestamp();
        layers.Forward(layer.Layer, x);
        layers.Backward(layer.Layer, dy);
        Finish(layers);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    // A GPU computes behind its caller's back.
    private static void Finish(FrozenLayers layers)
    {
        if (layers.Device.type == TorchSharp.DeviceType.CUDA) cuda.synchronize();
    }
}
