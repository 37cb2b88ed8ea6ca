using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Studio.Core.Tensors.Kernels;

/// <summary>Puts a small fp32 matrix into a part of a larger one of another type: one pass, where a slice, a cast, a copy and a product start one after the other.</summary>
internal static class PackKernel
{
    /// <summary>Whether it can work on them: the source fp32 on the CPU, both without gaps.</summary>
    public static bool Suits(Tensor source, ScalarType type) => source.dtype == ScalarType.Float32 && RowLoop.Suits(source) && type is ScalarType.Float32 or ScalarType.BFloat16;

    /// <summary>target[row + i, column + j] = source[i, j] * factor.</summary>
    /// <param name="source">[n, m] fp32.</param>
    /// <param name="target">fp32 or bf16.</param>
    /// <param name="row">First row of the target.</param>
    /// <param name="column">First column of the target.</param>
    /// <param name="factor">Multiplied in fp32, before the rounding.</param>
    public static void Put(Tensor source, Tensor target, int row, int column, double factor)
    {
        if (target.dtype == ScalarType.BFloat16) Put<ushort, BFloat16Lanes>(source, target, row, column, (float)factor);
        else Put<float, SingleLanes>(source, target, row, column, (float)factor);
    }

    private static unsafe void Put<T, TLanes>(Tensor source, Tensor target, int row, int column, float factor)
        where T : unmanaged
        where TLanes : ILanes<T>
    {
        int rows = (int)source.size(0), width = (int)source.size(1), stride = (int)target.size(1), whole = width - width % ILanes<T>.Count;
        float* from = (float*)RowLoop.AddressOf(source);
        T* to = (T*)RowLoop.AddressOf(target) + (nint)row * stride + column;
        for (int i = 0; i < rows; i++, from += width, to += stride)
        {
            ref T start = ref Unsafe.AsRef<T>(to);
            for (int j = 0; j < whole; j += ILanes<T>.Count) TLanes.Store(Vector512.Load(from + j) * factor, ref start, (nuint)j);
            for (int j = whole; j < width; j++) to[j] = TLanes.Narrow(from[j] * factor);
        }
    }
}
