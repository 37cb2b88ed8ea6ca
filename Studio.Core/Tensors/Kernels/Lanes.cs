using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Studio.Core.Tensors.Kernels;

/// <summary>How sixteen neighbouring elements of a type become fp32 numbers.</summary>
/// <typeparam name="T">The type as it lies in memory.</typeparam>
internal interface IReadLanes<T>
    where T : unmanaged
{
    /// <summary>Sixteen elements from <paramref name="at"/> on.</summary>
    static abstract Vector512<float> Load(ref T start, nuint at);

    /// <summary>One element.</summary>
    static abstract float Widen(T element);
}

/// <summary>And back. Kernels are written once over it.</summary>
/// <typeparam name="T">The type as it lies in memory.</typeparam>
internal interface ILanes<T> : IReadLanes<T>
    where T : unmanaged
{
    /// <summary>Elements at a time.</summary>
    const int Count = 16;

    /// <summary>Writes sixteen elements, rounded to nearest even.</summary>
    static abstract void Store(Vector512<float> values, ref T start, nuint at);

    /// <summary>One element, rounded to nearest even.</summary>
    static abstract T Narrow(float number);
}

/// <summary>fp32 as it is.</summary>
internal readonly struct SingleLanes : ILanes<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ref float start, nuint at) => Vector512.LoadUnsafe(ref start, at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> values, ref float start, nuint at) => values.StoreUnsafe(ref start, at);

    public static float Widen(float element) => element;

    public static float Narrow(float number) => number;
}

/// <summary>Whole numbers of eight bits.</summary>
internal readonly struct SignedByteLanes : IReadLanes<sbyte>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ref sbyte start, nuint at)
    {
        var bytes = Vector128.LoadUnsafe(ref start, at);
        if (Avx512F.IsSupported) return Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(bytes));
        var (lower, upper) = Vector128.Widen(bytes);
        return Vector512.ConvertToSingle(Vector512.Create(Vector256.Create(Vector128.WidenLower(lower), Vector128.WidenUpper(lower)), Vector256.Create(Vector128.WidenLower(upper), Vector128.WidenUpper(upper))));
    }

    public static float Widen(sbyte element) => element;
}

/// <summary>bf16: the upper half of an fp32.</summary>
internal readonly struct BFloat16Lanes : ILanes<ushort>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ref ushort start, nuint at)
    {
        var halves = Vector256.LoadUnsafe(ref start, at);
        var wide = Avx512F.IsSupported ? Avx512F.ConvertToVector512UInt32(halves) : Vector512.Create(Vector256.WidenLower(halves), Vector256.WidenUpper(halves));
        return (wide << 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> values, ref ushort start, nuint at)
    {
        var rounded = Rounded(values) >> 16;
        var halves = Avx512F.IsSupported ? Avx512F.ConvertToVector256UInt16(rounded) : Vector256.Narrow(rounded.GetLower(), rounded.GetUpper());
        halves.StoreUnsafe(ref start, at);
    }

    /// <summary>The numbers in the upper halves, to nearest, ties to even; what is not a number stays none. Anything in the lower halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Rounded(Vector512<float> values)
    {
        var bits = values.AsUInt32();
        var rounded = bits + Vector512.Create(0x7FFFu) + ((bits >> 16) & Vector512<uint>.One);
        return Vector512.ConditionalSelect(Vector512.Equals(values, values).AsUInt32(), rounded, bits | Vector512.Create(0x0040_0000u));
    }

    public static float Widen(ushort element) => BitConverter.UInt32BitsToSingle((uint)element << 16);

    public static ushort Narrow(float number)
    {
        uint bits = BitConverter.SingleToUInt32Bits(number);
        return float.IsNaN(number) ? (ushort)((bits | 0x0040_0000u) >> 16) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
