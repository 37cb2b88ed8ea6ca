using System.Globalization;
using System.Text;

namespace Studio.Core.Text.Jinja.Syntax;

/// <summary>Escapes of string literals, as Python's unicode-escape codec reads them.</summary>
internal static class StringLiteral
{
    /// <summary>The characters that the text between the quotes stands for.</summary>
    /// <exception cref="FormatException">An escape is cut short.</exception>
    public static string Read(string literal)
    {
        if (!literal.Contains('\\', StringComparison.Ordinal)) return literal;
        var output = new StringBuilder(literal.Length);
        for (int at = 0; at < literal.Length; at++)
        {
            if (literal[at] != '\\')
            {
                output.Append(literal[at]);
                continue;
            }

            char c = at + 1 < literal.Length ? literal[++at] : throw new FormatException("\\ at end of string");
            switch (c)
            {
                case '\n': break;
                case '\\' or '\'' or '"': output.Append(c); break;
                case 'a': output.Append('\a'); break;
                case 'b': output.Append('\b'); break;
                case 'f': output.Append('\f'); break;
                case 'n': output.Append('\n'); break;
                case 'r': output.Append('\r'); break;
                case 't': output.Append('\t'); break;
                case 'v': output.Append('\v'); break;
                case 'x': Hex(output, literal, ref at, 2); break;
                case 'u': Hex(output, literal, ref at, 4); break;
                case 'U': Hex(output, literal, ref at, 8); break;
                case 'N': throw new FormatException("\\N{...}: names of characters are not supported, write \\u");
                case >= '0' and <= '7':
                    int value = c - '0';
                    for (int digits = 1; digits < 3 && at + 1 < literal.Length && literal[at + 1] is >= '0' and <= '7'; digits++) value = value * 8 + literal[++at] - '0';
                    output.Append((char)value);
                    break;
                case > '\x7f':
                    // jinja2 turns characters beyond ASCII into escapes first, so that the backslash before one escapes that escape's own.
                    output.Append(c <= 0xff ? $"\\x{(int)c:x2}" : $"\\u{(int)c:x4}");
                    break;
                default: output.Append('\\').Append(c); break;
            }
        }

        return output.ToString();
    }

    private static void Hex(StringBuilder output, string literal, ref int at, int digits)
    {
        string name = digits switch { 2 => "\\xXX", 4 => "\\uXXXX", _ => "\\UXXXXXXXX" };
        if (at + digits >= literal.Length || !int.TryParse(literal.AsSpan(at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int point))
            throw new FormatException($"truncated {name} escape");
        if (point is > 0x10ffff or < 0) throw new FormatException("illegal Unicode character");
        output.Append(Values.CodePoints.Text(point));
        at += digits;
    }
}
