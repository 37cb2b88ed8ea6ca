using System.Runtime.InteropServices;
using Studio.Core.Tensors.Kernels;
using static TorchSharp.torch;

namespace Studio.Core.Tensors;

/// <summary>Small additions to TorchSharp's tensors that keep ownership visible.</summary>
public static class TensorExtensions
{
    /// <summary>Takes the tensor out of every dispose scope: from here on the caller alone disposes it.</summary>
    public static Tensor Owned(this Tensor tensor) => tensor.DetachFromDisposeScope();

    /// <summary>The number of a floating type nearest to a value, as a tensor of that type would hold it.</summary>
    public static double Nearest(this ScalarType type, double value) =>
        type == ScalarType.BFloat16 ? BFloat16Lanes.Widen(BFloat16Lanes.Narrow((float)value)) : (float)value;

    /// <summary>The type for sums and quotients that half precision would spoil: fp64 stays, everything else becomes fp32.</summary>
    public static ScalarType AtLeastSingle(this ScalarType type) => type == ScalarType.Float64 ? type : ScalarType.Float32;

    /// <summary>Bytes of the tensor's elements (not of a storage it may share).</summary>
    public static long ByteCount(this Tensor tensor) => tensor.numel() * tensor.ElementSize;

    /// <summary>Copies a tensor of any floating type and device to an fp32 array in row-major order.</summary>
    public static float[] ToFloatArray(this Tensor tensor)
    {
        using var scope = NewDisposeScope();
        // Not data<float>(): its accessor asks libtorch for the size at every element.
        return MemoryMarshal.Cast<byte, float>(tensor.detach().to(ScalarType.Float32).cpu().contiguous().bytes).ToArray();
    }
}
