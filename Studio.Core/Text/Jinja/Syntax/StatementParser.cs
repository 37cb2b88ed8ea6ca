using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Syntax;

/// <summary>Parses a template into statements.</summary>
internal sealed class StatementParser
{
    private readonly TokenStream _stream;
    private readonly UnknownNames _unknown = new();
    private readonly NameUses _uses = new();
    private readonly ExpressionParser _expressions;
    private readonly Stack<string> _open = new();
    private readonly HashSet<string> _blocks = [];
    private int _loops;

    /// <param name="source">The template.</param>
    /// <param name="limits">Bounds of its length and nesting.</param>
    /// <exception cref="JinjaException">A tag, comment or text in the template is cut short.</exception>
    public StatementParser(JinjaSource source, JinjaLimits limits)
    {
        _stream = new TokenStream(source, new Lexer(source).Read(), limits);
        _expressions = new ExpressionParser(_stream, _unknown, _uses);
    }

    /// <summary>The statements of a template.</summary>
    /// <exception cref="JinjaException">The template is malformed.</exception>
    public IReadOnlyList<Statement> Parse()
    {
        var body = Body();
        _unknown.Check();
        return body;
    }

    /// <summary>Whether a generation block was parsed.</summary>
    public bool FoundGeneration { get; private set; }

    /// <summary>Statements up to a tag of one of these names, which stays unread; all where none are given.</summary>
    private List<Statement> Body(params string[] ends)
    {
        var body = new List<Statement>();
        while (true)
        {
            var token = _stream.Current;
            switch (token.Kind)
            {
                case TokenKind.End when ends.Length == 0:
                    return body;
                case TokenKind.End:
                    throw _stream.Fail($"Unexpected end of template. Jinja was looking for the following tags: {Wanted(ends)}. {Innermost()}");
                case TokenKind.Data:
                    _stream.Next();
                    body.Add(new DataStatement(token.At, token.Value));
                    break;
                case TokenKind.PrintBegin:
                    _stream.Next();
                    body.Add(new PrintStatement(token.At, _expressions.Tuple()));
                    _stream.Expect(TokenKind.PrintEnd, "end of print statement");
                    break;
                default:
                    _stream.Next();
                    if (_stream.Current.Kind != TokenKind.Name) throw _stream.Fail("tag name expected");
                    if (ends.Contains(_stream.Current.Value)) return body;
                    _stream.Enter();
                    Tag(body, ends);
                    _stream.Leave();
                    _stream.Expect(TokenKind.BlockEnd, "end of statement block");
                    break;
            }
        }
    }

    private void Tag(List<Statement> body, string[] ends)
    {
        var tag = _stream.Next();
        _open.Push(tag.Value);
        switch (tag.Value)
        {
            case "if": body.Add(If(tag.At)); break;
            case "for": body.Add(Framed(() => For(tag.At))); break;
            case "set": body.Add(Set(tag.At)); break;
            case "macro": body.Add(Framed(() => MacroDefinition(tag.At))); break;
            case "call": body.Add(Call(tag.At)); break;
            case "filter": body.Add(Framed(() => Filter(tag.At))); break;
            case "with": body.Add(Framed(() => With(tag.At))); break;
            case "block": body.Add(Framed(() => Block(tag.At))); break;
            case "generation":
                FoundGeneration = true;
                body.Add(Framed(() => new GenerationStatement(tag.At, Function(() => Closed("endgeneration")))));
                break;
            case "autoescape":
                var enabled = _expressions.Parse();
                body.Add(Framed(() => new AutoEscapeStatement(tag.At, enabled, Closed("endautoescape"))));
                break;
            case "print":
                Print(body);
                break;
            case "break" or "continue":
                if (_loops == 0) throw _stream.Fail($"'{tag.Value}' outside loop", tag.At);
                body.Add(new JumpStatement(tag.At, tag.Value == "break" ? Flow.Break : Flow.Continue));
                break;
            case "include" or "import" or "extends" or "from":
                body.Add(new LoadStatement(tag.At, _expressions.Parse()));
                while (_stream.Current.Kind is not (TokenKind.BlockEnd or TokenKind.End)) _stream.Next();
                break;
            default:
                _open.Pop();
                throw _stream.Fail($"Encountered unknown tag {PythonText.Quote(tag.Value)}." +
                    (ends.Length == 0 ? "" : $" Jinja was looking for the following tags: {Wanted(ends)}. {Innermost()}"), tag.At);
        }

        _open.Pop();
    }

    /// <summary>The body up to its end tag, whose name is read.</summary>
    private List<Statement> Closed(string end)
    {
        _stream.Expect(TokenKind.BlockEnd, "end of statement block");
        var body = Body(end);
        _stream.Next();
        return body;
    }

    /// <summary>Something that jinja2 compiles into a frame of its own.</summary>
    private T Framed<T>(Func<T> parse)
    {
        int mark = _unknown.Mark;
        var result = parse();
        _unknown.FixSince(mark);
        return result;
    }

    /// <summary>A body that becomes a function, which a loop outside cannot be left from.</summary>
    private T Function<T>(Func<T> parse)
    {
        int loops = _loops;
        _loops = 0;
        var result = parse();
        _loops = loops;
        return result;
    }

    private IfStatement If(int at)
    {
        int mark = _unknown.Mark;
        var branches = new List<(Expression?, IReadOnlyList<Statement>)>();
        var test = (Expression?)_expressions.Tuple(conditional: false);
        while (true)
        {
            _stream.Expect(TokenKind.BlockEnd, "end of statement block");
            var body = test is null ? Body("endif") : Body("elif", "else", "endif");
            branches.Add((test, body));
            string next = _stream.Next().Value;
            if (next == "endif") break;
            test = next == "elif" ? _expressions.Tuple(conditional: false) : null;
        }

        _unknown.ForgetSince(mark);
        return new IfStatement(at, branches);
    }

    private ForStatement For(int at)
    {
        var target = AssignTarget(endsAt: "in");
        _stream.ExpectName("in");
        var items = _expressions.Tuple(conditional: false, endsAt: "recursive");
        var test = _stream.SkipName("if") ? _expressions.Parse() : null;
        bool recursive = _stream.SkipName("recursive");
        _stream.Expect(TokenKind.BlockEnd, "end of statement block");
        _loops++;
        var body = Body("endfor", "else");
        _loops--;
        IReadOnlyList<Statement> other = _stream.Next().Value == "else" ? Closed("endfor") : [];
        return new ForStatement(at, new ForLoop { Target = target, Items = items, Test = test, Body = body, Else = other, IsRecursive = recursive });
    }

    private Statement Set(int at)
    {
        var target = AssignTarget(withNamespace: true);
        if (_stream.SkipOperator("=")) return new SetStatement(at, target, _expressions.Tuple());
        return Framed(() =>
        {
            var filter = (FilterExpression?)_expressions.Filters(null);
            return new SetBlockStatement(at, target, filter, Closed("endset"));
        });
    }

    private MacroStatement MacroDefinition(int at)
    {
        string name = _stream.Expect(TokenKind.Name, "name").Value;
        var (signature, body) = Callable(name, Parameters(), "endmacro");
        return new MacroStatement(at, signature, body);
    }

    private CallStatement Call(int at)
    {
        var parameters = _stream.Current.IsOperator("(") ? Parameters() : [];
        if (_expressions.Parse() is not CallExpression call) throw _stream.Fail("expected call", at);
        return Framed(() =>
        {
            var (signature, body) = Callable("caller", parameters, "endcall");
            return new CallStatement(at, signature, call, body);
        });
    }

    private (MacroSignature Signature, List<Statement> Body) Callable(string name, List<MacroParameter> parameters, string end)
    {
        _uses.Begin();
        var body = Function(() => Closed(end));
        var used = _uses.End();
        return (new MacroSignature(name, parameters)
        {
            UsesVarargs = used.Contains("varargs"),
            UsesKwargs = used.Contains("kwargs"),
            UsesCaller = used.Contains("caller"),
        }, body);
    }

    private List<MacroParameter> Parameters()
    {
        var parameters = new List<MacroParameter>();
        _stream.ExpectOperator("(");
        while (!_stream.Current.IsOperator(")"))
        {
            if (parameters.Count > 0) _stream.ExpectOperator(",");
            string name = _stream.Expect(TokenKind.Name, "name").Value;
            var standard = _stream.SkipOperator("=") ? _expressions.Parse() : null;
            if (standard is null && parameters.Count > 0 && parameters[^1].Default is not null) throw _stream.Fail("non-default argument follows default argument");
            parameters.Add(new MacroParameter(name, standard));
        }

        _stream.Next();
        return parameters;
    }

    private FilterStatement Filter(int at)
    {
        var filter = (FilterExpression)_expressions.Filters(null, startInline: true)!;
        return new FilterStatement(at, filter, Closed("endfilter"));
    }

    private WithStatement With(int at)
    {
        var variables = new List<(Target, Expression)>();
        while (_stream.Current.Kind is not (TokenKind.BlockEnd or TokenKind.End))
        {
            if (variables.Count > 0) _stream.ExpectOperator(",");
            var target = AssignTarget();
            _stream.ExpectOperator("=");
            variables.Add((target, _expressions.Parse()));
        }

        return new WithStatement(at, variables, Closed("endwith"));
    }

    private BlockStatement Block(int at)
    {
        string name = _stream.Expect(TokenKind.Name, "name").Value;
        if (!_blocks.Add(name)) throw _stream.Fail($"block {PythonText.Quote(name)} defined twice", at);
        bool scoped = _stream.SkipName("scoped");
        _stream.SkipName("required");
        if (_stream.Current.IsOperator("-")) throw _stream.Fail("Block names in Jinja have to be valid Python identifiers and may not contain hyphens, use an underscore instead.");
        var body = Function(() => Closed("endblock"));
        _stream.SkipName(name);
        return new BlockStatement(at, scoped, body);
    }

    private void Print(List<Statement> body)
    {
        bool any = false;
        while (_stream.Current.Kind is not (TokenKind.BlockEnd or TokenKind.End))
        {
            if (any) _stream.ExpectOperator(",");
            body.Add(new PrintStatement(_stream.Current.At, _expressions.Parse()));
            any = true;
        }
    }

    private Target AssignTarget(string? endsAt = null, bool withNamespace = false)
    {
        int at = _stream.Current.At;
        var parts = new List<Target>();
        bool tuple = false;
        while (true)
        {
            var token = _stream.Current;
            if (token.IsOperator(")") || token.Kind is TokenKind.BlockEnd || token.IsOperator("=") || (endsAt is not null && token.IsName(endsAt))) break;
            parts.Add(OneTarget(withNamespace));
            if (!_stream.SkipOperator(",")) break;
            tuple = true;
        }

        if (parts.Count == 0) throw _stream.Fail($"Expected an expression, got {PythonText.Quote(_stream.Current.Describe())}", at);
        return tuple ? new TupleTarget(parts) : parts[0];
    }

    private Target OneTarget(bool withNamespace)
    {
        if (_stream.SkipOperator("("))
        {
            _stream.Enter();
            var inner = AssignTarget();
            _stream.ExpectOperator(")");
            _stream.Leave();
            return inner;
        }

        var token = _stream.Current;
        if (token.Kind != TokenKind.Name) throw _stream.Fail(token.Kind == TokenKind.End ? "unexpected end of template" : $"can't assign to {PythonText.Quote(token.Describe())}");
        _stream.Next();
        if (token.Value is "true" or "false" or "none" or "True" or "False" or "None") throw _stream.Fail("can't assign to 'const'", token.At);
        if (withNamespace && _stream.SkipOperator(".")) return new NamespaceTarget(token.Value, _stream.Expect(TokenKind.Name, "name").Value);
        return new NameTarget(token.Value);
    }

    private static string Wanted(string[] ends) => string.Join(" or ", ends.Select(PythonText.Quote));

    private string Innermost() => _open.TryPeek(out string? tag) ? $"The innermost block that needs to be closed is {PythonText.Quote(tag)}." : "";
}
