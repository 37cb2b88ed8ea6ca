using System.Globalization;
using System.Numerics;
using System.Text;
using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Formatting;

/// <summary>Python's <c>str % values</c>.</summary>
internal static class PercentFormat
{
    public static JinjaText Format(JinjaText format, object values, Budget budget)
    {
        var arguments = values is JinjaList { IsTuple: true } tuple ? tuple.Items : [values];
        var buffer = new TextBuffer(budget);
        string text = format.Value;
        int used = 0, start = 0;
        bool byName = false;
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] != '%') continue;
            buffer.Append(format.Slice(start, at++));
            object? chosen = null;
            if (at < text.Length && text[at] == '(')
            {
                int close = Close(text, at);
                if (values is not JinjaDict dict) throw JinjaFault.Type("format requires a mapping");
                string key = text[(at + 1)..close];
                chosen = dict.TryGet((JinjaText)key, out object? item) ? item : throw new JinjaFault(JinjaErrorKind.Runtime, $"KeyError: {PythonText.Quote(key)}");
                byName = true;
                at = close + 1;
            }

            object Next() => used < arguments.Count ? arguments[used++] : throw JinjaFault.Type("not enough arguments for format string");
            string flags = "";
            for (; at < text.Length && text[at] is '-' or '+' or ' ' or '#' or '0'; at++)
                if (!flags.Contains(text[at], StringComparison.Ordinal)) flags += text[at];
            int width = Number(text, ref at, Next) ?? 0, precision = -1;
            if (width < 0) (width, flags) = (-width, flags + "-");
            if (at < text.Length && text[at] == '.')
            {
                at++;
                precision = Math.Max(0, Number(text, ref at, Next) ?? 0);
            }

            while (at < text.Length && text[at] is 'h' or 'l' or 'L') at++;
            if (at >= text.Length) throw JinjaFault.Value("incomplete format");
            budget.Characters(width);
            budget.Characters(Math.Max(0, precision));
            start = at + 1;
            if (text[at] == '%') buffer.Append("%");
            else Convert(buffer, text[at], chosen ?? Next(), flags, width, precision, format.IsMarkup, budget);
        }

        if (!byName && used < arguments.Count && values is not JinjaDict && (values is JinjaList { IsTuple: true } || used == 0) && !(values is JinjaList { IsTuple: false }))
            throw JinjaFault.Type("not all arguments converted during string formatting");
        return buffer.Append(format.Slice(Math.Min(start, text.Length), text.Length)).ToText(format.IsMarkup);
    }

    /// <summary>ascii(): everything beyond ASCII as escapes.</summary>
    public static string Ascii(string text)
    {
        var output = new StringBuilder(text.Length);
        for (int at = 0, width; at < text.Length; at += width)
        {
            width = CodePoints.Width(text, at);
            int point = CodePoints.At(text, at);
            output.Append(point < 128 ? ((char)point).ToString() : point <= 0xff ? $"\\x{point:x2}" : point <= 0xffff ? $"\\u{point:x4}" : $"\\U{point:x8}");
        }

        return output.ToString();
    }

    private static int Close(string text, int open)
    {
        int level = 0;
        for (int at = open; at < text.Length; at++)
        {
            if (text[at] == '(') level++;
            else if (text[at] == ')' && --level == 0) return at;
        }

        throw JinjaFault.Value("incomplete format key");
    }

    private static int? Number(string text, ref int at, Func<object> next)
    {
        if (at < text.Length && text[at] == '*')
        {
            at++;
            return Numbers.ToIndex(next());
        }

        int start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        if (at == start) return null;
        return int.TryParse(text.AsSpan(start, at - start), CultureInfo.InvariantCulture, out int value) ? value : throw JinjaFault.Limit("a width in a format is too large");
    }

    private static void Convert(TextBuffer buffer, char type, object value, string flags, int width, int precision, bool markup, Budget budget)
    {
        JinjaText body;
        string sign = "";
        bool zeros = false;
        switch (type)
        {
            case 's' or 'r' or 'a':
                body = type == 's' ? PythonText.Str(value, budget) : PythonText.Repr(value, budget);
                if (type == 'a') body = body.Derive(Ascii(body.Value));
                if (markup) body = Html.Escape(body, budget);
                if (precision >= 0) body = body.Slice(0, CodePoints.Offset(body, precision));
                break;
            case 'c':
                body = value is JinjaText { Length: 1 } single ? single : Numbers.IsInteger(value) && Numbers.ToBig(value) is var point && point >= 0 && point < 0x110000
                    ? CodePoints.Text((int)point) : throw JinjaFault.Type("%c requires int or char");
                break;
            default:
                if (value is JinjaUndefined undefined && type is not ('d' or 'i' or 'u')) throw undefined.Fault();
                if (!Numbers.IsNumber(value))
                    throw JinjaFault.Type(type is 'd' or 'i' or 'u' ? $"%{type} format: a real number is required, not {TypeNames.Of(value)}" : $"must be real number, not {TypeNames.Of(value)}");
                (bool negative, string digits, zeros) = Digits(type, value, flags.Contains('#', StringComparison.Ordinal), precision);
                sign = negative ? "-" : flags.Contains('+', StringComparison.Ordinal) ? "+" : flags.Contains(' ', StringComparison.Ordinal) ? " " : "";
                body = digits;
                break;
        }

        bool left = flags.Contains('-', StringComparison.Ordinal);
        int missing = Math.Max(0, width - body.Length - sign.Length);
        if (zeros && !left && flags.Contains('0', StringComparison.Ordinal))
        {
            int prefix = body.Value.Length > 1 && body.Value[0] == '0' && char.IsAsciiLetter(body.Value[1]) ? 2 : 0;
            buffer.Append(sign).Append(body.Slice(0, prefix)).Append(new string('0', missing)).Append(body.Slice(prefix, body.Value.Length));
            return;
        }

        if (!left) buffer.Append(new string(' ', missing));
        buffer.Append(sign).Append(body);
        if (left) buffer.Append(new string(' ', missing));
    }

    private static (bool Negative, string Digits, bool Zeros) Digits(char type, object value, bool alternate, int precision)
    {
        switch (type)
        {
            case 'd' or 'i' or 'u' or 'x' or 'X' or 'o':
                if (value is double && type is 'x' or 'X' or 'o') throw JinjaFault.Type($"%{type} format: an integer is required, not float");
                var number = Numbers.ToBig(value is double floating ? Numbers.Truncate(floating) : value);
                string digits = new FormatSpec { Type = type is 'i' or 'u' ? 'd' : type }.Apply(Numbers.Normal(BigInteger.Abs(number)), new Budget(JinjaLimits.Default)).Value;
                string prefix = alternate && type is 'x' or 'X' or 'o' ? "0" + type : "";
                return (number.Sign < 0, prefix + digits.PadLeft(Math.Max(0, precision), '0'), true);
            case 'f' or 'F' or 'e' or 'E' or 'g' or 'G':
                double real = Numbers.ToDouble(value);
                if (precision < 0) precision = 6;
                string text = NumberText.Special(real)?.TrimStart('-') ?? char.ToLowerInvariant(type) switch
                {
                    'f' => NumberText.Fixed(real, precision),
                    'e' => NumberText.Exponential(real, precision),
                    _ => NumberText.General(real, precision, alternate),
                };
                return (NumberText.IsNegative(real), char.IsUpper(type) ? text.ToUpperInvariant() : text, double.IsFinite(real));
            default:
                throw JinjaFault.Value($"unsupported format character '{type}' (0x{(int)type:x})");
        }
    }
}
