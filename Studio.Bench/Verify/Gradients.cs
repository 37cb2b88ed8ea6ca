using Studio.Core.Adapters;
using Studio.Core.Tensors;

namespace Studio.Bench.Verify;

/// <summary>Reads collected gradients.</summary>
internal static class Gradients
{
    /// <summary>The gradient of one tensor of an adapter.</summary>
    public static float[] Of(IAdapter adapter, string tensor)
    {
        using var slice = adapter.Parameters.Slice(adapter.Parameters.Gradients, tensor);
        return slice.ToFloatArray();
    }
}
