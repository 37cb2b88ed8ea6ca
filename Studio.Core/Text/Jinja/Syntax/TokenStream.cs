using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Syntax;

/// <summary>The tokens of a template with a place in them; makes the messages of malformed ones and bounds nesting.</summary>
internal sealed class TokenStream(JinjaSource source, IReadOnlyList<Token> tokens, JinjaLimits limits)
{
    private int _at;
    private int _nesting;

    public Token Current => tokens[_at];

    public Token Ahead => tokens[Math.Min(_at + 1, tokens.Count - 1)];

    /// <summary>The current token, which is passed.</summary>
    public Token Next()
    {
        var token = tokens[_at];
        if (_at < tokens.Count - 1) _at++;
        return token;
    }

    public bool SkipName(string name) => Skip(Current.IsName(name));

    public bool SkipOperator(string sign) => Skip(Current.IsOperator(sign));

    public Token Expect(TokenKind kind, string what) => Current.Kind == kind ? Next()
        : throw Fail(Current.Kind == TokenKind.End ? $"unexpected end of template, expected {PythonText.Quote(what)}."
            : $"expected token {PythonText.Quote(what)}, got {PythonText.Quote(Current.Describe())}");

    public void ExpectOperator(string sign)
    {
        if (!SkipOperator(sign)) throw Fail(Current.Kind == TokenKind.End ? $"unexpected end of template, expected {PythonText.Quote(sign)}."
            : $"expected token {PythonText.Quote(sign)}, got {PythonText.Quote(Current.Describe())}");
    }

    public void ExpectName(string name)
    {
        if (!SkipName(name)) throw Fail($"expected token {PythonText.Quote(name)}, got {PythonText.Quote(Current.Describe())}");
    }

    public JinjaException Fail(string reason, int? at = null) => source.Error(JinjaErrorKind.Syntax, reason, at ?? Current.At);

    /// <summary>Goes one level deeper into the template.</summary>
    public void Enter()
    {
        if (++_nesting > limits.Nesting) throw source.Error(JinjaErrorKind.Limit, $"the template is nested more than {limits.Nesting} levels deep", Current.At);
    }

    public void Leave() => _nesting--;

    /// <summary>Refuses a chain of operators or accessors that would be evaluated too deep.</summary>
    public void CheckChain(int length)
    {
        if (length > limits.Nesting * 4) throw source.Error(JinjaErrorKind.Limit, $"an expression chains more than {limits.Nesting * 4} operators", Current.At);
    }

    private bool Skip(bool matches)
    {
        if (matches) Next();
        return matches;
    }
}
