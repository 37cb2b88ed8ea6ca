using System.Globalization;
using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Syntax;

/// <summary>
/// Splits a template into tokens with the white-space rules of transformers' environment: <c>trim_blocks</c> removes the newline after a block
/// tag, <c>lstrip_blocks</c> the blanks before one at the start of a line, <c>-</c> all white space on its side, <c>+</c> nothing.
/// </summary>
internal sealed class Lexer(JinjaSource source)
{
    private static readonly string[] Operators =
        ["//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"];

    private readonly string _text = source.Text;
    private readonly List<Token> _tokens = [];
    private int _at;

    /// <summary>Whether the text that follows stands at the start of a line.</summary>
    private bool _lineStart = true;

    public IReadOnlyList<Token> Read()
    {
        while (true)
        {
            int open = NextOpen(_at);
            if (open < 0)
            {
                AddData(_at, _text.Length);
                _tokens.Add(new Token(TokenKind.End, "", _text.Length));
                return _tokens;
            }

            char sign = SignAt(open + 2);
            AddData(_at, TrimBefore(_at, open, sign, lstrip: _text[open + 1] != '{'));
            switch (_text[open + 1])
            {
                case '#': Comment(open, sign); break;
                case '{': Tag(open, sign, TokenKind.PrintBegin, "}}", TokenKind.PrintEnd); break;
                default:
                    if (!Raw(open, sign)) Tag(open, sign, TokenKind.BlockBegin, "%}", TokenKind.BlockEnd);
                    break;
            }
        }
    }

    private int NextOpen(int from)
    {
        for (int at = from; (at = _text.IndexOf('{', at)) >= 0 && at + 1 < _text.Length; at++)
            if (_text[at + 1] is '{' or '%' or '#') return at;
        return -1;
    }

    private char SignAt(int at) => at < _text.Length && _text[at] is '-' or '+' ? _text[at] : '\0';

    /// <summary>Where the text before a tag ends.</summary>
    private int TrimBefore(int start, int open, char sign, bool lstrip)
    {
        int end = open;
        if (sign == '-')
        {
            while (end > start && CodePoints.IsSpace(_text[end - 1])) end--;
            return end;
        }

        if (sign == '+' || !lstrip) return end;
        int newline = end > start ? _text.LastIndexOf('\n', end - 1, end - start) : -1;
        if (newline < 0 && !_lineStart) return end;
        int line = newline < 0 ? start : newline + 1;
        for (int at = line; at < end; at++)
            if (!CodePoints.IsSpace(_text[at])) return end;
        return line;
    }

    private void AddData(int start, int end)
    {
        if (end > start) _tokens.Add(new Token(TokenKind.Data, _text[start..end], start));
    }

    /// <summary>Goes on after a tag's end.</summary>
    /// <param name="end">After its delimiter.</param>
    /// <param name="sign">The sign before the delimiter.</param>
    /// <param name="newline">Whether a newline after it belongs to it.</param>
    private void Continue(int end, char sign, bool newline)
    {
        _at = end;
        if (sign == '-')
            while (_at < _text.Length && CodePoints.IsSpace(_text[_at])) _at++;
        else if (sign != '+' && newline && _at < _text.Length && _text[_at] == '\n') _at++;
        _lineStart = _text[_at - 1] == '\n';
    }

    private void Comment(int open, char sign)
    {
        int close = _text.IndexOf("#}", open + 2 + (sign == 0 ? 0 : 1), StringComparison.Ordinal);
        if (close < 0) throw Error("Missing end of comment tag", open);
        char last = close > open + 2 && _text[close - 1] is '-' or '+' && close - 1 >= open + 2 + (sign == 0 ? 0 : 1) ? _text[close - 1] : '\0';
        Continue(close + 2, last, newline: true);
    }

    private bool Raw(int open, char sign)
    {
        int at = open + 2 + (sign == 0 ? 0 : 1);
        if (!Word(ref at, "raw", out char close)) return false;
        _at = at;
        if (close == '-')
            while (_at < _text.Length && CodePoints.IsSpace(_text[_at])) _at++;
        else if (close == '+') return false;
        _lineStart = _text[_at - 1] == '\n';
        for (int end = _at; (end = _text.IndexOf("{%", end, StringComparison.Ordinal)) >= 0; end++)
        {
            char before = SignAt(end + 2);
            int after = end + 2 + (before == 0 ? 0 : 1);
            if (!Word(ref after, "endraw", out close)) continue;
            AddData(_at, TrimBefore(_at, end, before, lstrip: true));
            Continue(after, close, newline: true);
            return true;
        }

        throw Error("Missing end of raw directive", open);
    }

    private bool Word(ref int at, string word, out char sign)
    {
        int position = at;
        sign = '\0';
        while (position < _text.Length && CodePoints.IsSpace(_text[position])) position++;
        if (string.CompareOrdinal(_text, position, word, 0, word.Length) != 0) return false;
        position += word.Length;
        while (position < _text.Length && CodePoints.IsSpace(_text[position])) position++;
        sign = SignAt(position);
        if (sign != 0) position++;
        if (string.CompareOrdinal(_text, position, "%}", 0, 2) != 0) return false;
        at = position + 2;
        return true;
    }

    private void Tag(int open, char sign, TokenKind begin, string close, TokenKind end)
    {
        _tokens.Add(new Token(begin, "", open));
        _at = open + 2 + (sign == 0 ? 0 : 1);
        var brackets = new Stack<char>();
        while (true)
        {
            while (_at < _text.Length && CodePoints.IsSpace(_text[_at])) _at++;
            if (_at >= _text.Length) return;
            if (brackets.Count == 0)
            {
                // A print statement knows no "+}}".
                int length = _text[_at] == '-' || (_text[_at] == '+' && end == TokenKind.BlockEnd) ? 1 : 0;
                if (string.CompareOrdinal(_text, _at + length, close, 0, 2) == 0)
                {
                    _tokens.Add(new Token(end, "", _at));
                    Continue(_at + length + 2, length == 0 ? '\0' : _text[_at], newline: end == TokenKind.BlockEnd);
                    return;
                }
            }

            Expression(brackets);
        }
    }

    private void Expression(Stack<char> brackets)
    {
        int start = _at;
        char c = _text[_at];
        if (char.IsAsciiDigit(c))
        {
            Number();
            return;
        }

        if (CodePoints.IsWord(CodePoints.At(_text, _at)))
        {
            while (_at < _text.Length && CodePoints.IsWord(CodePoints.At(_text, _at))) _at += CodePoints.Width(_text, _at);
            string name = _text[start.._at];
            if (CodePoints.Category(CodePoints.At(name, 0)) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.OtherNumber)
                throw Error("Invalid character in identifier", start);
            _tokens.Add(new Token(TokenKind.Name, name, start));
            return;
        }

        if (c is '\'' or '"')
        {
            for (_at++; _at < _text.Length && _text[_at] != c; _at++)
                if (_text[_at] == '\\') _at++;
            if (_at >= _text.Length) throw Error($"unexpected char {PythonText.Quote(c.ToString())} at {start}", start);
            _at++;
            try
            {
                _tokens.Add(new Token(TokenKind.Text, StringLiteral.Read(_text[(start + 1)..(_at - 1)]), start));
            }
            catch (FormatException malformed)
            {
                throw Error(malformed.Message, start);
            }

            return;
        }

        foreach (string sign in Operators)
        {
            if (string.CompareOrdinal(_text, _at, sign, 0, sign.Length) != 0) continue;
            if (sign is "(" or "[" or "{") brackets.Push(sign == "(" ? ')' : sign == "[" ? ']' : '}');
            if (sign is ")" or "]" or "}")
            {
                if (brackets.Count == 0) throw Error($"unexpected '{sign}'", _at);
                if (brackets.Pop() is var expected && expected != sign[0]) throw Error($"unexpected '{sign}', expected '{expected}'", _at);
            }

            _tokens.Add(new Token(TokenKind.Operator, sign, _at));
            _at += sign.Length;
            return;
        }

        throw Error($"unexpected char {PythonText.Quote(CodePoints.Text(CodePoints.At(_text, _at)))} at {_at}", _at);
    }

    private void Number()
    {
        int start = _at, end = Digits(_at, char.IsAsciiDigit);
        int fraction = end;
        if (end + 1 < _text.Length && _text[end] == '.' && char.IsAsciiDigit(_text[end + 1])) fraction = Digits(end + 1, char.IsAsciiDigit);
        int exponent = fraction;
        if (exponent < _text.Length && _text[exponent] is 'e' or 'E')
        {
            int digits = exponent + 1 < _text.Length && _text[exponent + 1] is '+' or '-' ? exponent + 2 : exponent + 1;
            if (digits < _text.Length && char.IsAsciiDigit(_text[digits])) exponent = Digits(digits, char.IsAsciiDigit);
        }

        // A number after a dot is an index: a.0.5 is no float.
        bool indexed = start > 0 && _text[start - 1] == '.';
        if (exponent > end && !indexed)
        {
            _at = exponent;
            _tokens.Add(new Token(TokenKind.Float, _text[start.._at], start));
            return;
        }

        char prefix = _text[start] == '0' && start + 1 < _text.Length ? char.ToLowerInvariant(_text[start + 1]) : '\0';
        Func<char, bool>? kind = prefix switch { 'x' => char.IsAsciiHexDigit, 'o' => c => c is >= '0' and <= '7', 'b' => c => c is '0' or '1', _ => null };
        if (kind is not null)
        {
            int first = start + 2 < _text.Length && _text[start + 2] == '_' ? start + 3 : start + 2;
            if (first < _text.Length && kind(_text[first])) end = Digits(first, kind);
            else end = start + 1;
        }
        else if (_text[start] == '0')
        {
            end = Digits(start, c => c == '0');
        }

        _at = end;
        _tokens.Add(new Token(TokenKind.Integer, _text[start.._at], start));
    }

    /// <summary>The end of a run of digits, single underscores between them included.</summary>
    private int Digits(int at, Func<char, bool> kind)
    {
        while (at < _text.Length && (kind(_text[at]) || (_text[at] == '_' && at + 1 < _text.Length && kind(_text[at + 1])))) at++;
        return at;
    }

    private JinjaException Error(string reason, int at) => source.Error(JinjaErrorKind.Syntax, reason, at);
}
