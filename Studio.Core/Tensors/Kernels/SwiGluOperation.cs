using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Studio.Core.Tensors.Kernels;

/// <summary>silu(gate) * up of x = [gate, up], [rows, 2 n] to [rows, n].</summary>
public sealed class SwiGluOperation : WrittenOperation
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        var y = empty(x.size(0), x.size(1) / 2, dtype: x.dtype);
        if (x.dtype == ScalarType.BFloat16) Forward<ushort, BFloat16Lanes>(x, y);
        else Forward<float, SingleLanes>(x, y);
        return y;
    }

    /// <inheritdoc/>
    public override Tensor Backward(Tensor x, Tensor y, Tensor dy, Tensor? sum)
    {
        ArgumentNullException.ThrowIfNull(x);
        var dx = empty(x.shape, dtype: x.dtype);
        if (x.dtype == ScalarType.BFloat16) Backward<ushort, BFloat16Lanes>(x, dy, dx);
        else Backward<float, SingleLanes>(x, dy, dx);
        return sum is null ? dx : sum.add_(dx);
    }

    private static unsafe void Forward<T, TLanes>(Tensor x, Tensor y)
        where T : unmanaged
        where TLanes : ILanes<T>
    {
        var (from, to) = (RowLoop.AddressOf(x), RowLoop.AddressOf(y));
        int width = (int)y.size(1), whole = width - width % ILanes<T>.Count;
        RowLoop.Run((int)y.size(0), x.numel(), (first, end) =>
        {
            for (int row = first; row < end; row++)
            {
                ref T gate = ref Unsafe.AsRef<T>((T*)from + (nint)row * 2 * width);
                ref T up = ref Unsafe.Add(ref gate, width);
                ref T result = ref Unsafe.AsRef<T>((T*)to + (nint)row * width);
                for (int i = 0; i < whole; i += ILanes<T>.Count)
                {
                    var g = TLanes.Load(ref gate, (nuint)i);
                    TLanes.Store(g * Sigmoid(g) * TLanes.Load(ref up, (nuint)i), ref result, (nuint)i);
                }
                for (int i = whole; i < width; i++)
                {
                    float g = TLanes.Widen(Unsafe.Add(ref gate, i));
                    Unsafe.Add(ref result, i) = TLanes.Narrow(g * Sigmoid(g) * TLanes.Widen(Unsafe.Add(ref up, i)));
                }
            }
        });
    }

    private static unsafe void Backward<T, TLanes>(Tensor x, Tensor dy, Tensor dx)
        where T : unmanaged
        where TLanes : ILanes<T>
    {
        var (from, given, to) = (RowLoop.AddressOf(x), RowLoop.AddressOf(dy), RowLoop.AddressOf(dx));
        int width = (int)dy.size(1), whole = width - width % ILanes<T>.Count;
        RowLoop.Run((int)dy.size(0), x.numel(), (first, end) =>
        {
            for (int row = first; row < end; row++)
            {
                ref T gate = ref Unsafe.AsRef<T>((T*)from + (nint)row * 2 * width);
                ref T up = ref Unsafe.Add(ref gate, width);
                ref T gradient = ref Unsafe.AsRef<T>((T*)given + (nint)row * width);
                ref T toGate = ref Unsafe.AsRef<T>((T*)to + (nint)row * 2 * width);
                ref T toUp = ref Unsafe.Add(ref toGate, width);
                for (int i = 0; i < whole; i += ILanes<T>.Count)
                {
                    var (g, d) = (TLanes.Load(ref gate, (nuint)i), TLanes.Load(ref gradient, (nuint)i));
                    var s = Sigmoid(g);
                    // silu' = s (1 + g (1 - s))
                    TLanes.Store(d * TLanes.Load(ref up, (nuint)i) * s * (Vector512<float>.One + g * (Vector512<float>.One - s)), ref toGate, (nuint)i);
                    TLanes.Store(d * g * s, ref toUp, (nuint)i);
                }
                for (int i = whole; i < width; i++)
                {
                    float g = TLanes.Widen(Unsafe.Add(ref gate, i)), d = TLanes.Widen(Unsafe.Add(ref gradient, i)), s = Sigmoid(g);
                    Unsafe.Add(ref toGate, i) = TLanes.Narrow(d * TLanes.Widen(Unsafe.Add(ref up, i)) * s * (1 + g * (1 - s)));
                    Unsafe.Add(ref toUp, i) = TLanes.Narrow(d * g * s);
                }
            }
        });
    }

    private static Vector512<float> Sigmoid(Vector512<float> x) => Vector512<float>.One / (Vector512<float>.One + VectorExp.Of(-x));

    private static float Sigmoid(float x) => 1 / (1 + MathF.Exp(-x));
}
