using System.Globalization;
using System.Numerics;

namespace Studio.Core.Text.Jinja.Formatting;

/// <summary>Python's spellings of numbers.</summary>
internal static class NumberText
{
    private const int LongestInteger = 4300;

    /// <summary>repr(float): the shortest digits that read back as the same number.</summary>
    public static string Repr(double value)
    {
        if (Special(value) is { } special) return special;
        // "R" gives the shortest digits, in .NET's own layout: take its digits and lay them out anew.
        string shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        int mark = shortest.IndexOf('E', StringComparison.Ordinal);
        string mantissa = mark < 0 ? shortest : shortest[..mark];
        int point = mantissa.IndexOf('.', StringComparison.Ordinal);
        int exponent = (mark < 0 ? 0 : int.Parse(shortest.AsSpan(mark + 1), CultureInfo.InvariantCulture)) + (point < 0 ? mantissa.Length : point) - 1;
        string digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        int zeros = digits.Length - digits.TrimStart('0').Length;
        digits = digits[zeros..].TrimEnd('0');
        if (digits.Length == 0) (digits, exponent) = ("0", 0);
        else exponent -= zeros;
        string body = exponent is < -4 or >= 16
            ? $"{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)}"
            : Plain(digits, exponent);
        return IsNegative(value) ? "-" + body : body;
    }

    /// <summary>'inf', '-inf' or 'nan'; null for numbers.</summary>
    public static string? Special(double value) =>
        double.IsNaN(value) ? "nan" : double.IsPositiveInfinity(value) ? "inf" : double.IsNegativeInfinity(value) ? "-inf" : null;

    public static bool IsNegative(double value) => value < 0 || (value == 0 && double.IsNegative(value));

    /// <summary>str(int), with Python's bound on its length.</summary>
    public static string Integer(BigInteger value)
    {
        if (value.GetBitLength() > LongestInteger * 4)
            throw JinjaFault.Limit($"Exceeds the limit ({LongestInteger} digits) for integer string conversion");
        string text = value.ToString(CultureInfo.InvariantCulture);
        return text.Length <= LongestInteger + 1 ? text
            : throw JinjaFault.Limit($"Exceeds the limit ({LongestInteger} digits) for integer string conversion");
    }

    /// <summary>|value| with a fixed number of digits after the point (printf's f).</summary>
    public static string Fixed(double value, int digits)
    {
        string text = ExactNumber.Scale(value, digits).ToString(CultureInfo.InvariantCulture).PadLeft(digits + 1, '0');
        return digits == 0 ? text : $"{text[..^digits]}.{text[^digits..]}";
    }

    /// <summary>|value| with one digit before the point (printf's e).</summary>
    public static string Exponential(double value, int digits)
    {
        var (text, exponent) = ExactNumber.Significant(value, digits + 1);
        return WithExponent(text, exponent);
    }

    /// <summary>|value| with a number of significant digits, fixed or exponential as is shorter (printf's g).</summary>
    /// <param name="value">The number.</param>
    /// <param name="digits">Significant digits; 0 counts as 1.</param>
    /// <param name="keepZeros">Whether zeros at the end stay (printf's #).</param>
    /// <param name="smallestExponential">The exponent from which on the exponential form is used.</param>
    public static string General(double value, int digits, bool keepZeros, int? smallestExponential = null)
    {
        digits = Math.Max(1, digits);
        var (text, exponent) = ExactNumber.Significant(value, digits);
        bool exponential = exponent < -4 || exponent >= (smallestExponential ?? digits);
        if (!keepZeros) text = text.TrimEnd('0');
        if (text.Length == 0) text = "0";
        if (exponential) return WithExponent(text, exponent);
        string plain = Plain(text, exponent);
        return !keepZeros && plain.EndsWith(".0", StringComparison.Ordinal) ? plain[..^2] : plain;
    }

    private static string WithExponent(string digits, int exponent) =>
        $"{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)}";

    private static string Plain(string digits, int exponent)
    {
        if (exponent < 0) return "0." + new string('0', -exponent - 1) + digits;
        return digits.Length <= exponent + 1
            ? digits + new string('0', exponent + 1 - digits.Length) + ".0"
            : $"{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }
}
