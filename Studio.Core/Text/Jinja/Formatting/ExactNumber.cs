using System.Numerics;

namespace Studio.Core.Text.Jinja.Formatting;

/// <summary>Exact decimal digits of doubles, rounded half to even as C's printf and Python do.</summary>
internal static class ExactNumber
{
    /// <summary>|value| * 10^digits as an integer.</summary>
    public static BigInteger Scale(double value, int digits)
    {
        var (mantissa, exponent) = Parts(value);
        var numerator = mantissa;
        BigInteger denominator = 1;
        if (digits >= 0) numerator *= BigInteger.Pow(10, digits);
        else denominator *= BigInteger.Pow(10, -digits);
        if (exponent >= 0) numerator <<= exponent;
        else denominator <<= -exponent;
        return Divide(numerator, denominator);
    }

    /// <summary>The first <paramref name="digits"/> significant digits of |value|, and the power of ten of the first of them.</summary>
    public static (string Digits, int Exponent) Significant(double value, int digits)
    {
        if (value == 0) return (new string('0', digits), 0);
        int exponent = (int)Math.Floor(Math.Log10(Math.Abs(value)));
        // The logarithm may be one off, and rounding may carry into a new digit.
        for (exponent--; ; exponent++)
        {
            string text = Scale(value, digits - 1 - exponent).ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (text.Length <= digits) return (text.PadLeft(digits, '0'), exponent);
        }
    }

    /// <summary>The double nearest to a positive integer, ties to even; BigInteger's own conversion truncates.</summary>
    public static double ToNearestDouble(BigInteger value)
    {
        int shift = (int)Math.Max(0, value.GetBitLength() - 53);
        return Math.ScaleB((double)Divide(value, BigInteger.One << shift), shift);
    }

    private static BigInteger Divide(BigInteger numerator, BigInteger denominator)
    {
        var quotient = BigInteger.DivRem(numerator, denominator, out var rest);
        int half = (rest * 2).CompareTo(denominator);
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    private static (BigInteger Mantissa, int Exponent) Parts(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)((bits >> 52) & 0x7ff);
        long fraction = bits & 0xfffffffffffffL;
        return exponent == 0 ? (fraction, -1074) : (fraction | 0x10000000000000L, exponent - 1075);
    }
}
