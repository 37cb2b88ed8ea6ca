using System.Numerics;

namespace Studio.Core.Text.Jinja.Values;

/// <summary>Python's arithmetic operators.</summary>
internal static class Arithmetic
{
    public static object Apply(string sign, object left, object right, Budget budget)
    {
        if (left is JinjaUndefined first) throw first.Fault();
        // str % value formats; an undefined value in it is an ordinary value.
        if (right is JinjaUndefined second && !(sign == "%" && left is JinjaText)) throw second.Fault();
        if (sign == "+" && Join(left, right, budget) is { } joined) return joined;
        if (sign == "*" && Repeat(left, right, budget) is { } repeated) return repeated;
        if (sign == "%" && left is JinjaText format) return Formatting.PercentFormat.Format(format, right, budget);
        if (!Numbers.IsNumber(left) || !Numbers.IsNumber(right))
            throw JinjaFault.Type($"unsupported operand type(s) for {(sign == "**" ? "** or pow()" : sign)}: '{TypeNames.Of(left)}' and '{TypeNames.Of(right)}'");
        if (left is long a && right is long b && Small(sign, a, b) is { } small) return small;
        return left is double || right is double || sign == "/"
            ? Floating(sign, left, right)
            : Large(sign, Numbers.ToBig(left), Numbers.ToBig(right), budget);
    }

    public static object Negate(object value, Budget budget) => value switch
    {
        JinjaUndefined undefined => throw undefined.Fault(),
        double number => -number,
        _ when Numbers.IsInteger(value) => Numbers.Normal(-Numbers.ToBig(value), budget),
        _ => throw JinjaFault.Type($"bad operand type for unary -: '{TypeNames.Of(value)}'"),
    };

    public static object Plus(object value) => value switch
    {
        JinjaUndefined undefined => throw undefined.Fault(),
        bool flag => flag ? 1L : 0L,
        _ when Numbers.IsNumber(value) => value,
        _ => throw JinjaFault.Type($"bad operand type for unary +: '{TypeNames.Of(value)}'"),
    };

    private static object? Join(object left, object right, Budget budget)
    {
        if (left is JinjaText first)
        {
            if (right is not JinjaText second) throw JinjaFault.Type($"can only concatenate str (not \"{TypeNames.Of(right)}\") to str");
            bool markup = first.IsMarkup || second.IsMarkup;
            if (markup && !first.IsMarkup) first = Formatting.Html.Escape(first, budget);
            if (markup && !second.IsMarkup) second = Formatting.Html.Escape(second, budget);
            return new TextBuffer(budget).Append(first).Append(second).ToText(markup);
        }

        if (left is not JinjaList list) return null;
        if (right is not JinjaList other || list.IsTuple != other.IsTuple)
            throw JinjaFault.Type($"can only concatenate {TypeNames.Of(left)} (not \"{TypeNames.Of(right)}\") to {TypeNames.Of(left)}");
        budget.Items((long)list.Count + other.Count);
        return new JinjaList([.. list.Items, .. other.Items], list.IsTuple);
    }

    private static object? Repeat(object left, object right, Budget budget)
    {
        if (left is not (JinjaText or JinjaList)) (left, right) = (right, left);
        if (left is not (JinjaText or JinjaList)) return null;
        if (!Numbers.IsInteger(right)) throw JinjaFault.Type($"can't multiply sequence by non-int of type '{TypeNames.Of(right)}'");
        int times = Math.Max(0, Numbers.ToIndex(right));
        if (left is JinjaText text)
        {
            if (text.Value.Length == 0) times = 0;
            // Asked for before the loop, so that an impossible request fails at once.
            budget.Characters((long)text.Value.Length * times);
            var buffer = new TextBuffer(budget);
            for (int i = 0; i < times; i++) buffer.Append(text);
            return buffer.ToText(text.IsMarkup);
        }

        var list = (JinjaList)left;
        budget.Items((long)list.Count * times);
        var items = new List<object>(list.Count * times);
        for (int i = 0; i < times && list.Count > 0; i++) items.AddRange(list.Items);
        return new JinjaList(items, list.IsTuple);
    }

    private static long? Small(string sign, long a, long b)
    {
        long result;
        switch (sign)
        {
            case "+": return Int128.Abs((Int128)a + b) < long.MaxValue ? a + b : null;
            case "-": return Int128.Abs((Int128)a - b) < long.MaxValue ? a - b : null;
            case "*": return Int128.Abs((Int128)a * b) < long.MaxValue ? a * b : null;
            case "//" or "%" when b is not (0 or -1):
                result = a % b;
                if (result != 0 && (result < 0) != (b < 0)) result += b;
                return sign == "%" ? result : (a - result) / b;
            default: return null;
        }
    }

    private static object Large(string sign, BigInteger a, BigInteger b, Budget budget)
    {
        switch (sign)
        {
            case "+": return Numbers.Normal(a + b, budget);
            case "-": return Numbers.Normal(a - b, budget);
            case "*": return Numbers.Normal(a * b, budget);
            case "**":
                if (b < 0) return Floating(sign, Numbers.Normal(a), Numbers.Normal(b));
                if (BigInteger.Abs(a) > 1 && b * (BigInteger.Abs(a).GetBitLength() - 1) > budget.Limits.IntegerBits)
                    throw JinjaFault.Limit($"an integer has more than {budget.Limits.IntegerBits} bits");
                if (BigInteger.Abs(a) <= 1) return Numbers.Normal(b.IsZero || a.IsOne ? 1 : a.IsZero ? 0 : b.IsEven ? 1 : -1);
                return Numbers.Normal(BigInteger.Pow(a, (int)b), budget);
            default:
                if (b.IsZero) throw new JinjaFault(JinjaErrorKind.Runtime, sign == "%" ? "integer modulo by zero" : "integer division or modulo by zero");
                var quotient = BigInteger.DivRem(a, b, out var remainder);
                if (!remainder.IsZero && (remainder.Sign < 0) != (b.Sign < 0)) (quotient, remainder) = (quotient - 1, remainder + b);
                return Numbers.Normal(sign == "%" ? remainder : quotient);
        }
    }

    private static double Floating(string sign, object left, object right)
    {
        double a = Numbers.ToDouble(left), b = Numbers.ToDouble(right);
        switch (sign)
        {
            case "+": return a + b;
            case "-": return a - b;
            case "*": return a * b;
            case "/":
                if (b == 0) throw new JinjaFault(JinjaErrorKind.Runtime, left is double || right is double ? "float division by zero" : "division by zero");
                return left is double || right is double ? a / b : Quotient(Numbers.ToBig(left), Numbers.ToBig(right));
            case "**":
                if (a == 0 && b < 0) throw new JinjaFault(JinjaErrorKind.Runtime, "0.0 cannot be raised to a negative power");
                if (a < 0 && b != Math.Floor(b) && !double.IsInfinity(a)) throw new JinjaFault(JinjaErrorKind.Runtime, "complex numbers are not supported");
                double power = Math.Pow(a, b);
                if (double.IsInfinity(power) && double.IsFinite(a) && double.IsFinite(b)) throw new JinjaFault(JinjaErrorKind.Runtime, "Result too large");
                return power;
            default:
                if (b == 0) throw new JinjaFault(JinjaErrorKind.Runtime, sign == "%" ? "float modulo" : "float floor division by zero");
                double remainder = Math.IEEERemainder(0, 1) + a % b;
                if (remainder != 0 ? (remainder < 0) != (b < 0) : false) remainder += b;
                else if (remainder == 0) remainder = Math.CopySign(0, b);
                if (sign == "%") return remainder;
                double quotient = (a - remainder) / b;
                if (quotient == 0) return Math.CopySign(0, a / b);
                double floor = Math.Floor(quotient);
                return quotient - floor > 0.5 ? floor + 1 : floor;
        }
    }

    /// <summary>int / int, rounded once.</summary>
    private static double Quotient(BigInteger a, BigInteger b)
    {
        if (a.GetBitLength() <= 53 && b.GetBitLength() <= 53) return (double)a / (double)b;
        int negative = a.Sign * b.Sign;
        (a, b) = (BigInteger.Abs(a), BigInteger.Abs(b));
        if (a.IsZero) return 0;
        // 66 bits of quotient; the lowest remembers whether anything is left, so that the conversion below rounds to even correctly.
        int shift = (int)(66 - (a.GetBitLength() - b.GetBitLength()));
        var scaled = shift >= 0 ? BigInteger.DivRem(a << shift, b, out var rest) : BigInteger.DivRem(a, b << -shift, out rest);
        if (!rest.IsZero) scaled |= 1;
        double result = Math.ScaleB(Formatting.ExactNumber.ToNearestDouble(scaled), -shift);
        if (double.IsInfinity(result)) throw new JinjaFault(JinjaErrorKind.Runtime, "integer division result too large for a float");
        return negative < 0 ? -result : result;
    }
}
