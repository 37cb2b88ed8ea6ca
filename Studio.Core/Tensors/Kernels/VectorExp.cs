using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Studio.Core.Tensors.Kernels;

/// <summary>e^x of sixteen fp32 numbers, in fp32: <see cref="Vector512.Exp(Vector512{float})"/> goes by way of fp64, at three times the price.</summary>
internal static class VectorExp
{
    // Added to a small number it leaves the nearest whole one in the lowest bits.
    private const float Whole = 12_582_912f;

    /// <summary>e^x to two units in the last place; 0 below -88, also for minus infinity; not more than e^88. What is not a number stays none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of(Vector512<float> x)
    {
        // The native ones give their second operand where one is not a number.
        x = Vector512.MinNative(Vector512.Create(88f), Vector512.MaxNative(Vector512.Create(-88.1f), x));
        var shifted = Vector512.FusedMultiplyAdd(x, Vector512.Create(1.44269504f), Vector512.Create(Whole));
        var power = shifted - Vector512.Create(Whole);
        var rest = Vector512.FusedMultiplyAdd(power, Vector512.Create(-0.693359375f), x);
        rest = Vector512.FusedMultiplyAdd(power, Vector512.Create(2.12194440e-4f), rest);
        // Coefficients of Cephes' expf.
        var sum = Vector512.FusedMultiplyAdd(Vector512.Create(1.9875691500e-4f), rest, Vector512.Create(1.3981999507e-3f));
        sum = Vector512.FusedMultiplyAdd(sum, rest, Vector512.Create(8.3334519073e-3f));
        sum = Vector512.FusedMultiplyAdd(sum, rest, Vector512.Create(4.1665795894e-2f));
        sum = Vector512.FusedMultiplyAdd(sum, rest, Vector512.Create(1.6666665459e-1f));
        sum = Vector512.FusedMultiplyAdd(sum, rest, Vector512.Create(5.0000001201e-1f));
        sum = Vector512.FusedMultiplyAdd(sum, rest * rest, rest + Vector512<float>.One);
        // The exponent -127 is that of zero.
        return sum * ((shifted.AsInt32() - Vector512.Create(BitConverter.SingleToInt32Bits(Whole) - 127)) << 23).AsSingle();
    }
}
