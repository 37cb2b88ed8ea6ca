using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Studio.Core.Text.Jinja.Values;

/// <summary>Python's int and float. An int is a <see cref="long"/> where it fits and a <see cref="BigInteger"/> beyond; bools count as 0 and 1.</summary>
internal static class Numbers
{
    public static bool IsInteger(object value) => value is long or bool or BigInteger;

    public static bool IsNumber(object value) => value is double || IsInteger(value);

    public static BigInteger ToBig(object value) => value switch
    {
        long number => number,
        bool flag => flag ? 1 : 0,
        BigInteger big => big,
        _ => throw JinjaFault.Type($"'{TypeNames.Of(value)}' object cannot be interpreted as an integer"),
    };

    public static double ToDouble(object value) => value switch
    {
        double number => number,
        long number => number,
        bool flag => flag ? 1 : 0,
        BigInteger big => (double)big,
        _ => throw JinjaFault.Type($"must be real number, not {TypeNames.Of(value)}"),
    };

    /// <summary>An int as Python stores it: the smallest form that holds it.</summary>
    public static object Normal(BigInteger value) => value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;

    /// <summary>The same, refused where it has more bits than allowed.</summary>
    public static object Normal(BigInteger value, Budget budget)
    {
        if (value.GetBitLength() > budget.Limits.IntegerBits) throw JinjaFault.Limit($"an integer has more than {budget.Limits.IntegerBits} bits");
        return Normal(value);
    }

    /// <summary>An index or count; values beyond int are clamped.</summary>
    /// <exception cref="JinjaFault">Not an int.</exception>
    public static int ToIndex(object value)
    {
        if (value is JinjaUndefined undefined) throw undefined.Fault();
        if (value is long number) return (int)Math.Clamp(number, -int.MaxValue, int.MaxValue);
        return (int)BigInteger.Min(int.MaxValue, BigInteger.Max(-int.MaxValue, ToBig(value)));
    }

    /// <summary>An int that fits 64 bits.</summary>
    public static long ToLong(object value)
    {
        if (value is JinjaUndefined undefined) throw undefined.Fault();
        var big = ToBig(value);
        return big >= long.MinValue && big <= long.MaxValue ? (long)big : throw new JinjaFault(JinjaErrorKind.Limit, "an integer is too large here");
    }

    /// <summary>What int() makes of a float: the part before the point.</summary>
    public static object Truncate(double value)
    {
        if (double.IsNaN(value)) throw JinjaFault.Value("cannot convert float NaN to integer");
        if (double.IsInfinity(value)) throw new JinjaFault(JinjaErrorKind.Runtime, "cannot convert float infinity to integer");
        return Normal(new BigInteger(value));
    }

    /// <summary>int(text, base) of Python: white space around, a sign, underscores between digits, prefixes for base 0, 2, 8 and 16.</summary>
    public static bool TryParseInteger(string text, int numberBase, Budget budget, [NotNullWhen(true)] out object? value)
    {
        value = null;
        budget.Scan(text.Length);
        var digits = PythonText.Strip(text).AsSpan();
        bool negative = digits.Length > 0 && digits[0] == '-';
        if (digits.Length > 0 && digits[0] is '-' or '+') digits = digits[1..];
        bool prefixed = false;
        foreach (var (letter, prefixBase) in new[] { ('x', 16), ('o', 8), ('b', 2) })
            if (digits.Length > 2 && digits[0] == '0' && (digits[1] | 0x20) == letter && (numberBase == prefixBase || numberBase == 0))
            {
                digits = digits[2..];
                if (digits[0] == '_') digits = digits[1..];
                (numberBase, prefixed) = (prefixBase, true);
                break;
            }

        if (numberBase == 0)
        {
            if (!prefixed && digits.Length > 1 && digits[0] == '0' && digits.IndexOfAnyExcept('0', '_') >= 0) return false;
            numberBase = 10;
        }

        // Python refuses decimal texts of more than 4300 digits; so do we, for every base.
        if (digits.Length is 0 or > 4300 || digits[^1] == '_' || digits[0] == '_') return false;
        BigInteger total = 0;
        long chunk = 0, scale = 1;
        for (int i = 0; i < digits.Length; i++)
        {
            if (digits[i] == '_')
            {
                if (digits[i - 1] == '_') return false;
                continue;
            }

            int digit = Digit(digits[i]);
            if (digit < 0 || digit >= numberBase) return false;
            chunk = chunk * numberBase + digit;
            scale *= numberBase;
            if (scale < long.MaxValue / 64) continue;
            total = total * scale + chunk;
            (chunk, scale) = (0, 1);
        }

        total = total * scale + chunk;
        value = Normal(negative ? -total : total);
        return true;
    }

    /// <summary>float(text) of Python.</summary>
    public static bool TryParseFloat(string text, out double value)
    {
        value = 0;
        string body = PythonText.Strip(text);
        if (body.Length is 0 or > 100_000) return false;
        string name = body.TrimStart('+', '-').ToLowerInvariant();
        if (body.Length - name.Length <= 1 && name is "inf" or "infinity" or "nan")
        {
            value = name == "nan" ? double.NaN : body[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            return body.Length - name.Length <= 1;
        }

        var plain = new System.Text.StringBuilder(body.Length);
        for (int i = 0; i < body.Length; i++)
        {
            char c = body[i];
            if (c == '_')
            {
                if (i == 0 || i + 1 == body.Length || !char.IsDigit(body[i - 1]) || !char.IsDigit(body[i + 1])) return false;
                continue;
            }

            int digit = Digit(c);
            if (digit is >= 0 and < 10) plain.Append((char)('0' + digit));
            else if (c is '.' or 'e' or 'E' or '+' or '-') plain.Append(c);
            else return false;
        }

        return double.TryParse(plain.ToString(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out value);
    }

    private static int Digit(char c)
    {
        if (c is >= '0' and <= '9') return c - '0';
        if ((c | 0x20) is >= 'a' and <= 'z') return (c | 0x20) - 'a' + 10;
        return c > 127 && char.IsDigit(c) ? (int)char.GetNumericValue(c) : -1;
    }
}
