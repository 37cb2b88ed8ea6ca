using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Studio.Core.Tensors.Kernels;

/// <summary>RMSNorm over the last dimension with a frozen weight: y = x r w, r = 1 / sqrt(mean(x^2) + epsilon), in fp32 inside.</summary>
/// <param name="weight">w [width], any floating type; stays with the caller.</param>
/// <param name="epsilon">Added to the mean square.</param>
public sealed class RmsNormOperation(Tensor weight, double epsilon) : WrittenOperation
{
    private float[]? _weight;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        var y = empty(x.shape, dtype: x.dtype);
        if (x.dtype == ScalarType.BFloat16) Forward<ushort, BFloat16Lanes>(x, y);
        else Forward<float, SingleLanes>(x, y);
        return y;
    }

    /// <inheritdoc/>
    public override Tensor Backward(Tensor x, Tensor y, Tensor dy, Tensor? sum)
    {
        ArgumentNullException.ThrowIfNull(x);
        var dx = sum ?? empty(x.shape, dtype: x.dtype);
        if (x.dtype == ScalarType.BFloat16) Backward<ushort, BFloat16Lanes>(x, dy, dx, adds: sum is not null);
        else Backward<float, SingleLanes>(x, dy, dx, adds: sum is not null);
        return dx;
    }

    private unsafe void Forward<T, TLanes>(Tensor x, Tensor y)
        where T : unmanaged
        where TLanes : ILanes<T>
    {
        float[] w = _weight ??= weight.ToFloatArray();
        var (from, to) = (RowLoop.AddressOf(x), RowLoop.AddressOf(y));
        int width = w.Length, whole = width - width % ILanes<T>.Count;
        RowLoop.Run((int)(x.numel() / width), x.numel(), (first, end) =>
        {
            ref float scale = ref w[0];
            for (int row = first; row < end; row++)
            {
                ref T source = ref Unsafe.AsRef<T>((T*)from + (nint)row * width);
                ref T result = ref Unsafe.AsRef<T>((T*)to + (nint)row * width);
                float r = Reciprocal<T, TLanes>(ref source, width, whole);
                var factor = Vector512.Create(r);
                for (int i = 0; i < whole; i += ILanes<T>.Count)
                    TLanes.Store(TLanes.Load(ref source, (nuint)i) * factor * Vector512.LoadUnsafe(ref scale, (nuint)i), ref result, (nuint)i);
                for (int i = whole; i < width; i++) Unsafe.Add(ref result, i) = TLanes.Narrow(TLanes.Widen(Unsafe.Add(ref source, i)) * r * w[i]);
            }
        });
    }

    // dx = r (w dy - x r^2 mean(w dy x)).
    private unsafe void Backward<T, TLanes>(Tensor x, Tensor dy, Tensor dx, bool adds)
        where T : unmanaged
        where TLanes : ILanes<T>
    {
        float[] w = _weight ??= weight.ToFloatArray();
        var (from, given, to) = (RowLoop.AddressOf(x), RowLoop.AddressOf(dy), RowLoop.AddressOf(dx));
        int width = w.Length, whole = width - width % ILanes<T>.Count;
        RowLoop.Run((int)(x.numel() / width), x.numel(), (first, end) =>
        {
            ref float scale = ref w[0];
            for (int row = first; row < end; row++)
            {
                ref T source = ref Unsafe.AsRef<T>((T*)from + (nint)row * width);
                ref T gradient = ref Unsafe.AsRef<T>((T*)given + (nint)row * width);
                ref T result = ref Unsafe.AsRef<T>((T*)to + (nint)row * width);
                float r = Reciprocal<T, TLanes>(ref source, width, whole);
                var sums = Vector512<float>.Zero;
                for (int i = 0; i < whole; i += ILanes<T>.Count)
                    sums += TLanes.Load(ref gradient, (nuint)i) * Vector512.LoadUnsafe(ref scale, (nuint)i) * TLanes.Load(ref source, (nuint)i);
                float dot = Vector512.Sum(sums);
                for (int i = whole; i < width; i++) dot += TLanes.Widen(Unsafe.Add(ref gradient, i)) * w[i] * TLanes.Widen(Unsafe.Add(ref source, i));
                float pull = r * r * r * dot / width;
                var (factor, back) = (Vector512.Create(r), Vector512.Create(pull));
                for (int i = 0; i < whole; i += ILanes<T>.Count)
                {
                    var own = TLanes.Load(ref gradient, (nuint)i) * Vector512.LoadUnsafe(ref scale, (nuint)i) * factor - TLanes.Load(ref source, (nuint)i) * back;
                    TLanes.Store(adds ? own + TLanes.Load(ref result, (nuint)i) : own, ref result, (nuint)i);
                }
                for (int i = whole; i < width; i++)
                {
                    float own = TLanes.Widen(Unsafe.Add(ref gradient, i)) * w[i] * r - TLanes.Widen(Unsafe.Add(ref source, i)) * pull;
                    Unsafe.Add(ref result, i) = TLanes.Narrow(adds ? own + TLanes.Widen(Unsafe.Add(ref result, i)) : own);
                }
            }
        });
    }

    private float Reciprocal<T, TLanes>(ref T source, int width, int whole)
        where T : unmanaged
        where TLanes : ILanes<T>
    {
        var sums = Vector512<float>.Zero;
        for (int i = 0; i < whole; i += ILanes<T>.Count)
        {
            var x = TLanes.Load(ref source, (nuint)i);
            sums += x * x;
        }
        float squares = Vector512.Sum(sums);
        for (int i = whole; i < width; i++) squares += TLanes.Widen(Unsafe.Add(ref source, i)) * TLanes.Widen(Unsafe.Add(ref source, i));
        return 1 / MathF.Sqrt(squares / width + (float)epsilon);
    }
}
