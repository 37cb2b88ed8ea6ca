using System.Numerics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Studio.Core.Tensors;

/// <summary>Looks for NaN and infinite values where the bytes lie, without a copy of the tensor.</summary>
internal static class FiniteCheck
{
    /// <summary>Whether all elements of a contiguous CPU tensor of a floating type are finite; other types always are. At most 2 GiB.</summary>
    public static bool IsFinite(Tensor tensor) => IsFinite(tensor.bytes, tensor.dtype);

    // An exponent of all ones means NaN or infinite.
    private static bool IsFinite(ReadOnlySpan<byte> bytes, ScalarType type) => type switch
    {
        ScalarType.Float32 => HasNoExponent(MemoryMarshal.Cast<byte, uint>(bytes), 0x7F80_0000u),
        ScalarType.BFloat16 => HasNoExponent(MemoryMarshal.Cast<byte, ushort>(bytes), (ushort)0x7F80),
        ScalarType.Float16 => HasNoExponent(MemoryMarshal.Cast<byte, ushort>(bytes), (ushort)0x7C00),
        ScalarType.Float64 => HasNoExponent(MemoryMarshal.Cast<byte, ulong>(bytes), 0x7FF0_0000_0000_0000ul),
        _ => true,
    };

    private static bool HasNoExponent<T>(ReadOnlySpan<T> values, T ones) where T : struct, IBinaryInteger<T>
    {
        int at = 0;
        var mask = new Vector<T>(ones);
        for (; at <= values.Length - Vector<T>.Count; at += Vector<T>.Count)
            if (Vector.EqualsAny(new Vector<T>(values[at..]) & mask, mask)) return false;
        for (; at < values.Length; at++)
            if ((values[at] & ones) == ones) return false;
        return true;
    }
}
