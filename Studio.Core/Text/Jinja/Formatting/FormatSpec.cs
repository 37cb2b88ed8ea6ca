using System.Globalization;
using System.Numerics;
using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Formatting;

/// <summary>Python's format specification: <c>[[fill]align][sign][#][0][width][,][.precision][type]</c>.</summary>
internal sealed record FormatSpec
{
    public char Fill { get; init; } = ' ';
    public char Align { get; init; }
    public char Sign { get; init; } = '-';
    public bool Alternate { get; init; }
    public char Grouping { get; init; }
    public int Width { get; init; }
    public int Precision { get; init; } = -1;
    public char Type { get; init; }

    public static FormatSpec Parse(string spec)
    {
        var result = new FormatSpec();
        int at = 0;
        if (spec.Length > 1 && spec[1] is '<' or '>' or '=' or '^') (result, at) = (result with { Fill = spec[0], Align = spec[1] }, 2);
        else if (spec.Length > 0 && spec[0] is '<' or '>' or '=' or '^') (result, at) = (result with { Align = spec[0] }, 1);
        if (at < spec.Length && spec[at] is '+' or '-' or ' ') result = result with { Sign = spec[at++] };
        if (at < spec.Length && spec[at] == '#') (result, at) = (result with { Alternate = true }, at + 1);
        if (at < spec.Length && spec[at] == '0')
        {
            if (result.Align == 0) result = result with { Fill = '0', Align = '=' };
            at++;
        }

        result = result with { Width = Number(spec, ref at) ?? 0 };
        if (at < spec.Length && spec[at] is ',' or '_') result = result with { Grouping = spec[at++] };
        if (at < spec.Length && spec[at] == '.')
        {
            at++;
            result = result with { Precision = Number(spec, ref at) ?? throw JinjaFault.Value("Format specifier missing precision") };
        }

        if (at < spec.Length) result = result with { Type = spec[at++] };
        return at == spec.Length ? result : throw JinjaFault.Value($"Invalid format specifier '{spec}'");
    }

    public JinjaText Apply(object value, Budget budget)
    {
        budget.Characters(Width);
        budget.Characters(Math.Max(0, Precision));
        if (value is bool flag && Type is '\0' or 's') return Pad(flag ? "True" : "False", '<', budget);
        if (Numbers.IsNumber(value)) return Pad(Number(value), '>', budget);
        if (Type is not ('\0' or 's')) throw JinjaFault.Value($"Unknown format code '{Type}' for object of type '{TypeNames.Of(value)}'");
        if (value is not JinjaText && this != new FormatSpec()) throw JinjaFault.Type($"unsupported format string passed to {TypeNames.Of(value)}.__format__");
        if (Align == '=') throw JinjaFault.Value("'=' alignment not allowed in string format specifier");
        var text = PythonText.Str(value, budget);
        if (Precision >= 0) text = text.Slice(0, CodePoints.Offset(text, Precision));
        return Pad(text, '<', budget);
    }

    private static int? Number(string spec, ref int at)
    {
        int start = at;
        while (at < spec.Length && char.IsAsciiDigit(spec[at])) at++;
        if (at == start) return null;
        return int.TryParse(spec.AsSpan(start, at - start), CultureInfo.InvariantCulture, out int value)
            ? value : throw JinjaFault.Limit("a width in a format is too large");
    }

    private string Number(object value)
    {
        string prefix = "", body;
        bool negative;
        if (Numbers.IsInteger(value) && Type is '\0' or 'd' or 'n' or 'x' or 'X' or 'o' or 'b' or 'c')
        {
            if (Precision >= 0) throw JinjaFault.Value("Precision not allowed in integer format specifier");
            var number = Numbers.ToBig(value);
            if (Type == 'c') return number >= 0 && number < 0x110000 ? CodePoints.Text((int)number) : throw JinjaFault.Value("%c arg not in range(0x110000)");
            negative = number.Sign < 0;
            number = BigInteger.Abs(number);
            body = Type switch { 'x' => Digits(number, 16), 'X' => Digits(number, 16).ToUpperInvariant(), 'o' => Digits(number, 8), 'b' => Digits(number, 2), _ => NumberText.Integer(number) };
            if (Alternate && Type is 'x' or 'X' or 'o' or 'b') prefix = "0" + Type;
            if (Grouping != 0) body = Group(body, Grouping, Type is 'x' or 'X' or 'o' or 'b' ? 4 : 3);
        }
        else
        {
            double number = Numbers.ToDouble(value);
            negative = NumberText.IsNegative(number);
            body = NumberText.Special(number)?.TrimStart('-') ?? Type switch
            {
                'f' or 'F' => NumberText.Fixed(number, Precision < 0 ? 6 : Precision),
                'e' => NumberText.Exponential(number, Precision < 0 ? 6 : Precision),
                'E' => NumberText.Exponential(number, Precision < 0 ? 6 : Precision).ToUpperInvariant(),
                'g' or 'n' => NumberText.General(number, Precision < 0 ? 6 : Precision, Alternate),
                'G' => NumberText.General(number, Precision < 0 ? 6 : Precision, Alternate).ToUpperInvariant(),
                '%' => NumberText.Fixed(number * 100, Precision < 0 ? 6 : Precision) + "%",
                '\0' when Precision >= 0 => NumberText.General(number, Precision, Alternate),
                '\0' => NumberText.Repr(number).TrimStart('-'),
                _ => throw JinjaFault.Value($"Unknown format code '{Type}' for object of type '{TypeNames.Of(value)}'"),
            };
            if (Grouping != 0) body = Group(body, Grouping, 3);
        }

        string sign = negative ? "-" : Sign is '+' or ' ' ? Sign.ToString() : "";
        int missing = Width - sign.Length - prefix.Length - body.Length;
        return Align == '=' && missing > 0 ? sign + prefix + new string(Fill, missing) + body : sign + prefix + body;
    }

    private JinjaText Pad(JinjaText text, char standard, Budget budget)
    {
        int missing = Width - text.Length;
        if (missing <= 0) return text;
        char align = Align == 0 ? standard : Align;
        int before = align switch { '<' => 0, '^' => missing / 2, _ => missing };
        return new TextBuffer(budget).Append(new string(Fill, before)).Append(text).Append(new string(Fill, missing - before)).ToText();
    }

    private static string Digits(BigInteger number, int numberBase)
    {
        if (number.IsZero) return "0";
        var digits = new System.Text.StringBuilder();
        for (; !number.IsZero; number /= numberBase) digits.Insert(0, "0123456789abcdef"[(int)(number % numberBase)]);
        return digits.ToString();
    }

    private static string Group(string body, char separator, int size)
    {
        int end = body.TakeWhile(char.IsAsciiHexDigit).Count();
        for (int at = end - size; at > 0; at -= size) body = body.Insert(at, separator.ToString());
        return body;
    }
}
