using System.Globalization;
using System.Text;

namespace Studio.Core.Text.Tokenization;

/// <summary>
/// Rewrites a pattern of tokenizer.json (Oniguruma, Ruby syntax) as a .NET pattern of the same meaning: possessive quantifiers become
/// atomic groups, nested character classes are flattened, <c>\w</c> gets Oniguruma's categories. A construct whose meaning would change
/// is refused. The result expects <c>Multiline</c> and <c>CultureInvariant</c>.
/// </summary>
internal sealed class RegexTranslator
{
    private const string WordClass = @"\p{L}\p{M}\p{Nd}\p{Pc}";
    private static readonly HashSet<string> Categories = new(StringComparer.Ordinal)
    {
        "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Co",
    };

    private readonly JsonNode _node;
    private readonly string _source;
    private readonly StringBuilder _output = new();
    private readonly Stack<(int Start, bool IgnoreCase)> _groups = new();
    private readonly List<(char First, char Last)> _named = [];
    private int _at;
    private int _atom = -1;
    private bool _ignoreCase;

    private RegexTranslator(JsonNode node)
    {
        _node = node;
        _source = node.Text();
    }

    /// <summary>The .NET pattern, and the ranges of characters that the pattern names one by one.</summary>
    /// <exception cref="NotSupportedException">A construct has no equal in .NET.</exception>
    public static (string Pattern, IReadOnlyList<(char First, char Last)> Named) Translate(JsonNode node)
    {
        var translator = new RegexTranslator(node);
        translator.Run();
        // Trailing white space is looked for from every space of a run, which is quadratic. Only the first can find what the others would.
        if (translator._source == @"\s+$") translator._output.Insert(0, @"(?<!\s)");
        return (translator._output.ToString(), translator._named);
    }

    private void Run()
    {
        foreach (var c in _source)
            if (char.IsSurrogate(c)) throw Refuse("characters outside of the basic multilingual plane");
        while (_at < _source.Length)
        {
            var c = _source[_at];
            switch (c)
            {
                case '(': OpenGroup(); break;
                case ')': CloseGroup(); break;
                case '[': Atom(() => Class()); break;
                case '\\': Atom(() => _output.Append(Escape(inClass: false).Text)); break;
                case '|' or '^' or '$':
                    _output.Append(c);
                    _at++;
                    _atom = -1;
                    break;
                case '?' or '*' or '+' or '{': Quantifier(); break;
                default: Atom(() => Literal(c)); break;
            }
        }
    }

    private void Atom(Action write)
    {
        _atom = _output.Length;
        write();
    }

    private void Literal(char c)
    {
        _at++;
        Name(c, c);
        // Under (?i) Oniguruma folds U+017F (long s) to s; .NET does not.
        if (_ignoreCase && c is 's' or 'S') _output.Append("[sS\u017F]");
        else _output.Append(c);
    }

    private void OpenGroup()
    {
        _groups.Push((_output.Length, _ignoreCase));
        foreach (var opening in (string[])["(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:"])
        {
            if (!Ahead(opening)) continue;
            if (opening == "(?i:") _ignoreCase = true;
            Copy(opening.Length);
            _atom = -1;
            return;
        }

        if (Ahead("(?")) throw Refuse($"the group '{_source.AsSpan(_at, Math.Min(4, _source.Length - _at))}'");
        Copy(1);
        _atom = -1;
    }

    private void CloseGroup()
    {
        if (_groups.Count == 0) throw Refuse("')' without '('");
        (_atom, _ignoreCase) = _groups.Pop();
        Copy(1);
    }

    private void Quantifier()
    {
        if (Ahead("{,")) throw Refuse("the quantifier '{,'");
        if (_source[_at] == '{')
        {
            var close = _source.IndexOf('}', _at);
            if (close < 0) throw Refuse("'{' without '}'");
            Copy(close + 1 - _at);
            return;
        }

        Copy(1);
        if (_at >= _source.Length) return;
        if (_source[_at] == '?') Copy(1);
        else if (_source[_at] == '+')
        {
            if (_atom < 0) throw Refuse("a possessive quantifier without an operand");
            _output.Insert(_atom, "(?>").Append(')');
            _at++;
        }
    }

    private void Class()
    {
        Copy(1);
        if (Ahead("^")) Copy(1);
        if (Ahead("]")) throw Refuse("a class that starts with ']'");
        ClassItems();
        _output.Append(']');
    }

    private void ClassItems()
    {
        var long_s = false;
        var previous = -1;
        while (true)
        {
            if (_at >= _source.Length) throw Refuse("'[' without ']'");
            if (Ahead("[:")) throw Refuse("a POSIX class");
            if (Ahead("&&")) throw Refuse("the class intersection '&&'");
            if (Ahead("[^")) throw Refuse("a negated class inside a class");
            var c = _source[_at];
            if (c == ']') break;
            if (c == '[')
            {
                _at++;
                ClassItems();
                previous = -1;
                continue;
            }

            if (c == '-' && previous >= 0 && _at + 1 < _source.Length && _source[_at + 1] is not (']' or '['))
            {
                _at++;
                _output.Append('-');
                var last = Member();
                if (last < previous) throw Refuse("a range that ends in a class or before it starts");
                Name((char)previous, (char)last);
                long_s |= Covers((char)previous, (char)last);
                previous = -1;
                continue;
            }

            previous = Member();
            if (previous >= 0) long_s |= Covers((char)previous, (char)previous);
        }

        _at++;
        if (_ignoreCase && long_s) _output.Append('\u017F');
    }

    /// <summary>Copies one member of a class; returns its character, or -1 for a set of characters.</summary>
    private int Member()
    {
        var c = _source[_at];
        if (c == '\\')
        {
            var (escape, value) = Escape(inClass: true);
            _output.Append(escape);
            return value;
        }

        _at++;
        Name(c, c);
        if (c is '-' or '[') _output.Append('\\');
        _output.Append(c);
        return c;
    }

    /// <summary>Reads an escape: its .NET spelling, and the one character it stands for or -1.</summary>
    private (string Text, int Value) Escape(bool inClass)
    {
        if (_at + 1 >= _source.Length) throw Refuse("a trailing '\\'");
        var c = _source[_at + 1];
        _at += 2;
        switch (c)
        {
            case 's' or 'S' or 'd' or 'D': return ($"\\{c}", -1);
            case 'w': return (inClass ? WordClass : $"[{WordClass}]", -1);
            case 'W' when !inClass: return ($"[^{WordClass}]", -1);
            case 'A' or 'z' when !inClass: return ($"\\{c}", -1);
            case 'p' or 'P': return ($"\\{c}{{{Category(c)}}}", -1);
            case 'r': return Single('\r');
            case 'n': return Single('\n');
            case 't': return Single('\t');
            case 'f': return Single('\f');
            case 'v': return Single('\v');
            case 'u' or 'x': return Single(Hexadecimal(c, c == 'u' ? 4 : 2));
            default:
                if (char.IsAsciiLetterOrDigit(c)) throw Refuse($"the escape '\\{c}'");
                return Single(c);
        }
    }

    private (string Text, int Value) Single(char value)
    {
        Name(value, value);
        return ($"\\u{(int)value:X4}", value);
    }

    private string Category(char escape)
    {
        var close = _at < _source.Length && _source[_at] == '{' ? _source.IndexOf('}', _at) : -1;
        var name = close < 0 ? "" : _source[(_at + 1)..close];
        if (!Categories.Contains(name)) throw Refuse($"the property '\\{escape}{{{Excerpt.Of(name)}}}' (general categories are)");
        _at = close + 1;
        return name;
    }

    private char Hexadecimal(char escape, int digits)
    {
        if (_at + digits > _source.Length ||
            !ushort.TryParse(_source.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) ||
            char.IsSurrogate((char)code) || (digits == 2 && code > 0x7F))
            throw Refuse($"the escape '\\{escape}' in this form");
        _at += digits;
        return (char)code;
    }

    private bool Ahead(string text) => _source.AsSpan(_at).StartsWith(text, StringComparison.Ordinal);

    private void Copy(int count)
    {
        _output.Append(_source, _at, count);
        _at += count;
    }

    private void Name(char first, char last) => _named.Add((first, last));

    private static bool Covers(char first, char last) => (first <= 's' && 's' <= last) || (first <= 'S' && 'S' <= last);

    private NotSupportedException Refuse(string what) => new($"{_node.Path}: {what} is not supported (at character {_at} of the pattern).");
}
