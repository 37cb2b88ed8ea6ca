using System.Globalization;
using Studio.Core.Text.Jinja.Formatting;
using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Filters;

/// <summary>Filters over numbers.</summary>
internal static class NumberFilters
{
    public static object Abs(Evaluation run, object value, CallArguments arguments)
    {
        arguments.Bind("abs", []);
        if (value is JinjaUndefined undefined) throw undefined.Fault();
        if (!Numbers.IsNumber(value)) throw JinjaFault.Type($"bad operand type for abs(): '{TypeNames.Of(value)}'");
        return value is double number ? Math.Abs(number) : Numbers.Normal(System.Numerics.BigInteger.Abs(Numbers.ToBig(value)));
    }

    public static object Int(Evaluation run, object value, CallArguments arguments)
    {
        var bound = arguments.Bind("int", ["default", "base"]);
        object standard = bound[0] ?? 0L;
        switch (value)
        {
            case JinjaUndefined undefined:
                throw undefined.Fault();
            case double number:
                // An infinite number ends in an OverflowError that jinja2 catches only on its second try.
                return double.IsNaN(number) || double.IsInfinity(number) ? standard : Numbers.Truncate(number);
            case JinjaText text:
                int numberBase = Numbers.ToIndex(bound[1] ?? 10L);
                if (numberBase is not 0 and (< 2 or > 36)) return FromFloat(text, standard);
                return Numbers.TryParseInteger(text.Value, numberBase, run.Budget, out object? parsed) ? parsed : FromFloat(text, standard);
            default:
                return Numbers.IsInteger(value) ? Arithmetic.Plus(value) : standard;
        }
    }

    public static object Float(Evaluation run, object value, CallArguments arguments)
    {
        object standard = arguments.Bind("float", ["default"])[0] ?? 0.0;
        if (value is JinjaUndefined undefined) throw undefined.Fault();
        if (Numbers.IsNumber(value)) return Numbers.ToDouble(value);
        if (value is not JinjaText text) return standard;
        run.Budget.Scan(text.Value.Length);
        return Numbers.TryParseFloat(text.Value, out double number) ? number : standard;
    }

    public static object Round(Evaluation run, object value, CallArguments arguments)
    {
        var bound = arguments.Bind("round", ["precision", "method"]);
        int precision = Numbers.ToIndex(bound[0] ?? 0L);
        string method = (bound[1] as JinjaText)?.Value ?? "common";
        if (method is not ("common" or "ceil" or "floor")) throw new JinjaFault(JinjaErrorKind.Runtime, "method must be common, ceil or floor");
        if (value is JinjaUndefined undefined) throw undefined.Fault();
        if (!Numbers.IsNumber(value)) throw JinjaFault.Type($"type {TypeNames.Of(value)} doesn't define __round__ method");
        if (method == "common") return value is double number ? RoundHalfEven(number, precision) : RoundInteger(value, precision, run.Budget);
        double scale = Math.Pow(10, precision), scaled = Numbers.ToDouble(value) * scale;
        return Numbers.ToDouble(Numbers.Truncate(method == "ceil" ? Math.Ceiling(scaled) : Math.Floor(scaled))) / scale;
    }

    public static object FileSize(Evaluation run, object value, CallArguments arguments)
    {
        bool binary = arguments.Bind("filesizeformat", ["binary"])[0] is { } flag && Comparison.IsTrue(flag);
        double bytes = value is JinjaText text ? Numbers.TryParseFloat(text.Value, out double parsed) ? parsed
            : throw JinjaFault.Value($"could not convert string to float: {PythonText.Quote(text.Value)}") : Numbers.ToDouble(value);
        double step = binary ? 1024 : 1000;
        if (bytes == 1) return (JinjaText)"1 Byte";
        if (bytes < step) return (JinjaText)$"{((long)bytes).ToString(CultureInfo.InvariantCulture)} Bytes";
        string[] units = binary ? ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"] : ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
        double unit = step;
        int index = 0;
        for (; index < units.Length - 1 && bytes >= unit * step; index++) unit *= step;
        return (JinjaText)$"{NumberText.Fixed(step * bytes / (unit * step), 1)} {units[index]}";
    }

    private static object FromFloat(JinjaText text, object standard) =>
        Numbers.TryParseFloat(text.Value, out double number) && double.IsFinite(number) ? Numbers.Truncate(number) : standard;

    private static double RoundHalfEven(double value, int digits)
    {
        if (!double.IsFinite(value) || digits > 323) return value;
        if (digits < -308) return Math.CopySign(0, value);
        string rounded = $"{ExactNumber.Scale(value, digits).ToString(CultureInfo.InvariantCulture)}E{(-digits).ToString(CultureInfo.InvariantCulture)}";
        return Math.CopySign(double.Parse(rounded, CultureInfo.InvariantCulture), value);
    }

    private static object RoundInteger(object value, int digits, Budget budget)
    {
        var number = Numbers.ToBig(value);
        if (digits >= 0) return Numbers.Normal(number);
        if (digits < -4300) return 0L;
        var unit = System.Numerics.BigInteger.Pow(10, -digits);
        var half = System.Numerics.BigInteger.DivRem(System.Numerics.BigInteger.Abs(number), unit, out var rest);
        int order = (rest * 2).CompareTo(unit);
        if (order > 0 || (order == 0 && !half.IsEven)) half++;
        return Numbers.Normal(half * unit * number.Sign, budget);
    }
}
