using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Studio.Core.Tensors.Kernels;

/// <summary>
/// y += scale B (A x) for a few rows, straight from fp32 factors: in decoding, casting the factors and starting four operations a module takes longer than
/// the multiplications.
/// </summary>
internal static class LowRankRows
{
    /// <summary>Most rows that are faster this way than through matrix products (measured on CPU).</summary>
    public const int MostRows = 8;

    /// <summary>Whether it is the way to go.</summary>
    public static bool Suits(Tensor x, Tensor y, Tensor a, Tensor b) =>
        x.size(0) <= MostRows && RowLoop.Suits(x, y) && RowLoop.Suits(a, b) && a.dtype == ScalarType.Float32;

    /// <summary>Adds to the columns of y from <paramref name="offset"/> on.</summary>
    /// <param name="x">[rows, in].</param>
    /// <param name="y">[rows, columns], x's type; changed in place.</param>
    /// <param name="offset">First column.</param>
    /// <param name="a">A [r, in].</param>
    /// <param name="b">B [out, r].</param>
    /// <param name="scale">Factor.</param>
    public static void Add(Tensor x, Tensor y, int offset, Tensor a, Tensor b, double scale)
    {
        if (x.dtype == ScalarType.BFloat16) Add<ushort, BFloat16Lanes>(x, y, offset, a, b, (float)scale);
        else Add<float, SingleLanes>(x, y, offset, a, b, (float)scale);
    }

    private static unsafe void Add<T, TLanes>(Tensor x, Tensor y, int offset, Tensor a, Tensor b, float scale)
        where T : unmanaged
        where TLanes : ILanes<T>
    {
        var (input, output) = (RowLoop.AddressOf(x), RowLoop.AddressOf(y));
        var (down, up) = (RowLoop.AddressOf(a), RowLoop.AddressOf(b));
        int rank = (int)a.size(0), inputs = (int)a.size(1), outputs = (int)b.size(0), columns = (int)y.size(1);
        RowLoop.Run((int)x.size(0), x.size(0) * rank * ((long)inputs + outputs), (first, end) =>
        {
            float[] inner = new float[rank];
            for (int row = first; row < end; row++)
            {
                ref T source = ref Unsafe.AsRef<T>((T*)input + (nint)row * inputs);
                for (int k = 0; k < rank; k++) inner[k] = scale * Dot<T, TLanes>(ref source, ref Unsafe.AsRef<float>((float*)down + (nint)k * inputs), inputs);
                Spread<T, TLanes>(ref Unsafe.AsRef<T>((T*)output + (nint)row * columns + offset), (float*)up, inner, outputs);
            }
        });
    }

    private static float Dot<T, TLanes>(ref T x, ref float a, int count)
        where T : unmanaged
        where TLanes : ILanes<T>
    {
        var sums = Vector512<float>.Zero;
        int i = 0;
        for (; i + ILanes<T>.Count <= count; i += ILanes<T>.Count) sums = Vector512.FusedMultiplyAdd(TLanes.Load(ref x, (nuint)i), Vector512.LoadUnsafe(ref a, (nuint)i), sums);
        float sum = Vector512.Sum(sums);
        for (; i < count; i++) sum += TLanes.Widen(Unsafe.Add(ref x, i)) * Unsafe.Add(ref a, i);
        return sum;
    }

    private static unsafe void Spread<T, TLanes>(ref T y, float* b, float[] inner, int outputs)
        where T : unmanaged
        where TLanes : ILanes<T>
    {
        int rank = inner.Length, whole = rank - rank % Vector256<float>.Count;
        ref float z = ref inner[0];
        for (int o = 0; o < outputs; o++, b += rank)
        {
            var sums = Vector256<float>.Zero;
            for (int k = 0; k < whole; k += Vector256<float>.Count) sums = Vector256.FusedMultiplyAdd(Vector256.Load(b + k), Vector256.LoadUnsafe(ref z, (nuint)k), sums);
            float sum = Vector256.Sum(sums);
            for (int k = whole; k < rank; k++) sum += b[k] * inner[k];
            Unsafe.Add(ref y, o) = TLanes.Narrow(TLanes.Widen(Unsafe.Add(ref y, o)) + sum);
        }
    }
}
