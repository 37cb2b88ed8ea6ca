using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Execution;

/// <summary>Which way a base call goes.</summary>
public enum CallDirection
{
    /// <summary>x to y.</summary>
    Forward,

    /// <summary>dy to dx.</summary>
    Backward,
}

/// <summary>Refuses a call that does not fit its layer before it can reach a batch with others.</summary>
internal static class BaseCallCheck
{
    public static void Require(LayerDescription layer, CallDirection direction, Tensor rows, FrozenLayers layers, bool casts)
    {
        bool ids = layer.Layer == LayerId.Embedding;
        if (ids && direction == CallDirection.Backward) throw new ArgumentException("The embedding has no gradient with respect to token ids.", nameof(rows));
        if (!rows.IsOn(layers.Device))
            throw new ArgumentException($"'{layer.Layer}' is on {layers.Device.Name()}, the input on {rows.device.Name()}; a client that computes there attaches with that device.", nameof(rows));
        if (ids)
        {
            if (rows.dim() != 1 || rows.dtype != ScalarType.Int64 || rows.size(0) == 0)
                throw new ArgumentException($"'{layer.Layer}' takes int64 ids [rows] with at least one row; found {rows.dtype} [{Shape(rows)}].", nameof(rows));
            using var smallest = rows.min();
            using var largest = rows.max();
            if (smallest.item<long>() < 0 || largest.item<long>() >= layer.InputFeatures)
                throw new ArgumentException($"Token ids lie in {smallest.item<long>()}..{largest.item<long>()}; the vocabulary holds 0..{layer.InputFeatures - 1}.", nameof(rows));
            return;
        }
        if (casts ? !rows.is_floating_point() : rows.dtype != layers.ComputeType)
            throw new ArgumentException($"'{layer.Layer}' computes in {layers.ComputeType}{(casts ? " and takes floating-point rows" : "")}; found {rows.dtype}.", nameof(rows));
        int width = direction == CallDirection.Forward ? layer.InputFeatures : layer.OutputFeatures;
        if (rows.dim() != 2 || rows.size(1) != width || rows.size(0) == 0)
            throw new ArgumentException($"'{layer.Layer}' takes [rows, {width}] with at least one row {(direction == CallDirection.Forward ? "forward" : "backward")}; found [{Shape(rows)}].", nameof(rows));
    }

    private static string Shape(Tensor rows) => string.Join(", ", rows.shape);
}
