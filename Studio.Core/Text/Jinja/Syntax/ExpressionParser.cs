using System.Globalization;
using System.Numerics;
using Studio.Core.Text.Jinja.Filters;
using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Syntax;

/// <summary>Parses expressions with jinja2's precedence, loosest first: if, or, and, not, comparisons, + -, ~, * / // %, **, unary, postfix.</summary>
internal sealed class ExpressionParser(TokenStream stream, UnknownNames unknown, NameUses uses)
{
    /// <summary>An expression, with <c>a if b else c</c> unless that <c>if</c> would belong to a statement.</summary>
    public Expression Parse(bool conditional = true)
    {
        stream.Enter();
        var expression = conditional ? Conditional() : Or();
        stream.Leave();
        return expression;
    }

    /// <summary>One expression, or a tuple where commas follow.</summary>
    /// <param name="conditional">Whether items may be conditional expressions.</param>
    /// <param name="endsAt">A name that ends the tuple.</param>
    /// <param name="parenthesized">Whether parentheses stand around it, so that it may be empty.</param>
    public Expression Tuple(bool conditional = true, string? endsAt = null, bool parenthesized = false)
    {
        int at = stream.Current.At;
        var items = new List<Expression>();
        bool tuple = false;
        while (true)
        {
            if (items.Count > 0) stream.ExpectOperator(",");
            var token = stream.Current;
            if (token.Kind is TokenKind.PrintEnd or TokenKind.BlockEnd || token.IsOperator(")") || (endsAt is not null && token.IsName(endsAt))) break;
            items.Add(Parse(conditional));
            if (!stream.Current.IsOperator(",")) break;
            tuple = true;
        }

        if (!tuple && items.Count > 0) return items[0];
        if (!tuple && !parenthesized) throw stream.Fail($"Expected an expression, got {PythonText.Quote(stream.Current.Describe())}");
        return new ListExpression(at, items, true);
    }

    /// <summary>The filters behind a value, or those of a filter or set block, which start without one.</summary>
    public Expression? Filters(Expression? value, bool startInline = false)
    {
        for (int length = 0; stream.Current.IsOperator("|") || startInline; startInline = false)
        {
            stream.CheckChain(++length);
            if (!startInline) stream.Next();
            int at = stream.Current.At;
            string name = DottedName();
            if (FilterTable.Find(name) is null) unknown.Add(stream.Fail($"No filter named {PythonText.Quote(name)}.", at));
            value = new FilterExpression(at, value, name, stream.Current.IsOperator("(") ? Arguments() : ArgumentList.None);
        }

        return value;
    }

    /// <summary>A name, literal or bracketed expression without anything behind it.</summary>
    public Expression Primary()
    {
        var token = stream.Next();
        switch (token.Kind)
        {
            case TokenKind.Name:
                uses.Add(token.Value);
                return token.Value switch
                {
                    "true" or "True" => new Constant(token.At, true),
                    "false" or "False" => new Constant(token.At, false),
                    "none" or "None" => new Constant(token.At, JinjaNone.Value),
                    _ => new NameExpression(token.At, token.Value),
                };
            case TokenKind.Text:
                string text = token.Value;
                while (stream.Current.Kind == TokenKind.Text) text += stream.Next().Value;
                return new Constant(token.At, (JinjaText)text);
            case TokenKind.Integer:
                return new Constant(token.At, Integer(token));
            case TokenKind.Float:
                return new Constant(token.At, double.Parse(token.Value.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture));
            case TokenKind.Operator when token.Value == "(":
                var inner = Tuple(parenthesized: true);
                stream.ExpectOperator(")");
                return inner;
            case TokenKind.Operator when token.Value == "[":
                return new ListExpression(token.At, Items("]", () => Parse()), false);
            case TokenKind.Operator when token.Value == "{":
                return new DictExpression(token.At, Items("}", () =>
                {
                    var key = Parse();
                    stream.ExpectOperator(":");
                    return (key, Parse());
                }));
            default:
                throw stream.Fail(token.Kind == TokenKind.End ? "unexpected end of template" : $"unexpected {PythonText.Quote(token.Describe())}", token.At);
        }
    }

    private Expression Conditional()
    {
        int mark = unknown.Mark;
        var value = Or();
        for (int length = 0; stream.Current.IsName("if");)
        {
            stream.CheckChain(++length);
            int at = stream.Next().At;
            var test = Or();
            Expression? other = stream.SkipName("else") ? Parse() : null;
            // jinja2 looks up what a conditional expression names only when it comes to it.
            unknown.ForgetSince(mark);
            value = new ConditionalExpression(at, test, value, other);
        }

        return value;
    }

    private Expression Or()
    {
        var left = And();
        for (int length = 0; stream.Current.IsName("or"); stream.CheckChain(++length)) left = new LogicExpression(stream.Next().At, false, left, And());
        return left;
    }

    private Expression And()
    {
        var left = Not();
        for (int length = 0; stream.Current.IsName("and"); stream.CheckChain(++length)) left = new LogicExpression(stream.Next().At, true, left, Not());
        return left;
    }

    private Expression Not()
    {
        if (!stream.Current.IsName("not")) return Comparisons();
        stream.Enter();
        var negated = new UnaryExpression(stream.Next().At, "not", Not());
        stream.Leave();
        return negated;
    }

    private Expression Comparisons()
    {
        var first = Sum();
        var rest = new List<(string, Expression)>();
        int at = stream.Current.At;
        while (true)
        {
            if (stream.Current is { Kind: TokenKind.Operator, Value: "==" or "!=" or "<" or "<=" or ">" or ">=" }) rest.Add((stream.Next().Value, Sum()));
            else if (stream.SkipName("in")) rest.Add(("in", Sum()));
            else if (stream.Current.IsName("not") && stream.Ahead.IsName("in"))
            {
                stream.Next();
                stream.Next();
                rest.Add(("not in", Sum()));
            }
            else
            {
                return rest.Count == 0 ? first : new CompareExpression(at, first, rest);
            }
        }
    }

    private Expression Sum() => Binary(Concat, "+", "-");

    private Expression Concat()
    {
        var first = Product();
        if (!stream.Current.IsOperator("~")) return first;
        int at = stream.Current.At;
        var parts = new List<Expression> { first };
        while (stream.SkipOperator("~")) parts.Add(Product());
        return new ConcatExpression(at, parts);
    }

    private Expression Product() => Binary(() => Binary(() => Unary(), "**"), "*", "/", "//", "%");

    private Expression Binary(Func<Expression> operand, params ReadOnlySpan<string> signs)
    {
        var left = operand();
        for (int length = 0; stream.Current.Kind == TokenKind.Operator && signs.Contains(stream.Current.Value); stream.CheckChain(++length))
        {
            var sign = stream.Next();
            left = new ArithmeticExpression(sign.At, sign.Value, left, operand());
        }

        return left;
    }

    private Expression Unary(bool filters = true)
    {
        Expression value;
        if (stream.Current is { Kind: TokenKind.Operator, Value: "-" or "+" } sign)
        {
            stream.Enter();
            stream.Next();
            value = new UnaryExpression(sign.At, sign.Value, Unary(filters: false));
            stream.Leave();
        }
        else
        {
            value = Primary();
        }

        value = Postfix(value);
        return filters ? FiltersAndTests(value) : value;
    }

    private Expression Postfix(Expression value)
    {
        for (int length = 0; stream.Current.Kind == TokenKind.Operator; stream.CheckChain(++length))
        {
            int at = stream.Current.At;
            if (stream.SkipOperator(".")) value = Member(value, at);
            else if (stream.SkipOperator("[")) value = Subscript(value, at);
            else if (stream.Current.IsOperator("(")) value = new CallExpression(at, value, Arguments());
            else break;
        }

        return value;
    }

    private Expression FiltersAndTests(Expression value)
    {
        for (int length = 0; ; stream.CheckChain(++length))
        {
            if (stream.Current.IsOperator("|")) value = Filters(value)!;
            else if (stream.Current.IsName("is")) value = Test(value);
            else if (stream.Current.IsOperator("(")) value = new CallExpression(stream.Current.At, value, Arguments());
            else return value;
        }
    }

    private Expression Test(Expression value)
    {
        int at = stream.Next().At;
        bool negated = stream.SkipName("not");
        int place = stream.Current.At;
        string name = DottedName();
        var arguments = ArgumentList.None;
        var token = stream.Current;
        if (token.IsOperator("(")) arguments = Arguments();
        else if ((token.Kind is TokenKind.Name or TokenKind.Text or TokenKind.Integer or TokenKind.Float || token.IsOperator("[") || token.IsOperator("{"))
            && !(token.Kind == TokenKind.Name && token.Value is "else" or "or" or "and"))
        {
            if (token.IsName("is")) throw stream.Fail("You cannot chain multiple tests with is");
            stream.Enter();
            arguments = new ArgumentList([Postfix(Primary())], [], null, null);
            stream.Leave();
        }

        if (TestTable.Find(name) is null) unknown.Add(stream.Fail($"No test named {PythonText.Quote(name)}.", place));
        Expression test = new TestExpression(at, value, name, arguments);
        return negated ? new UnaryExpression(at, "not", test) : test;
    }

    private Expression Member(Expression owner, int at)
    {
        var token = stream.Next();
        if (token.Kind == TokenKind.Name) return new AttributeExpression(at, owner, token.Value);
        if (token.Kind != TokenKind.Integer) throw stream.Fail("expected name or number", token.At);
        return new ItemExpression(at, owner, new Constant(token.At, Integer(token)));
    }

    private Expression Subscript(Expression owner, int at)
    {
        var keys = new List<Expression>();
        (Expression? Start, Expression? Stop, Expression? Step)? slice = null;
        while (!stream.SkipOperator("]"))
        {
            if (keys.Count > 0 || slice is not null) stream.ExpectOperator(",");
            if (slice is not null) throw stream.Fail("slices cannot be combined with other subscripts");
            var first = stream.Current.IsOperator(":") ? null : Parse();
            if (stream.SkipOperator(":")) slice = (first, SlicePart(), stream.SkipOperator(":") ? SlicePart() : null);
            else keys.Add(first!);
        }

        if (slice is { } parts && keys.Count > 0) throw stream.Fail("slices cannot be combined with other subscripts");
        if (slice is { } range) return new SliceExpression(at, owner, range.Start, range.Stop, range.Step);
        return new ItemExpression(at, owner, keys.Count == 1 ? keys[0] : new ListExpression(at, keys, true));
    }

    private Expression? SlicePart() =>
        stream.Current.IsOperator(":") || stream.Current.IsOperator("]") || stream.Current.IsOperator(",") ? null : Parse();

    private ArgumentList Arguments()
    {
        stream.ExpectOperator("(");
        var positional = new List<Expression>();
        var named = new List<(string, Expression)>();
        Expression? rest = null, namedRest = null;
        for (bool first = true; !stream.Current.IsOperator(")"); first = false)
        {
            if (!first)
            {
                stream.ExpectOperator(",");
                if (stream.Current.IsOperator(")")) break;
            }

            var token = stream.Current;
            bool valid = true;
            if (stream.SkipOperator("*")) (valid, rest) = (rest is null && namedRest is null, Parse());
            else if (stream.SkipOperator("**")) (valid, namedRest) = (namedRest is null, Parse());
            else if (token.Kind == TokenKind.Name && stream.Ahead.IsOperator("="))
            {
                valid = namedRest is null;
                stream.Next();
                stream.Next();
                named.Add((token.Value, Parse()));
            }
            else
            {
                valid = rest is null && namedRest is null && named.Count == 0;
                positional.Add(Parse());
            }

            if (!valid) throw stream.Fail("invalid syntax for function call expression", token.At);
        }

        stream.ExpectOperator(")");
        return new ArgumentList(positional, named, rest, namedRest);
    }

    private List<T> Items<T>(string close, Func<T> item)
    {
        var items = new List<T>();
        while (!stream.Current.IsOperator(close))
        {
            if (items.Count > 0)
            {
                stream.ExpectOperator(",");
                if (stream.Current.IsOperator(close)) break;
            }

            items.Add(item());
        }

        stream.Next();
        return items;
    }

    private string DottedName()
    {
        string name = stream.Expect(TokenKind.Name, "name").Value;
        while (stream.SkipOperator(".")) name += "." + stream.Expect(TokenKind.Name, "name").Value;
        return name;
    }

    private object Integer(Token token)
    {
        string digits = token.Value.Replace("_", "", StringComparison.Ordinal);
        if (digits.Length > 4300) throw stream.Fail("an integer has more than 4300 digits", token.At);
        if (digits.Length < 2 || char.IsAsciiDigit(digits[1])) return Numbers.Normal(BigInteger.Parse(digits, CultureInfo.InvariantCulture));
        int numberBase = char.ToLowerInvariant(digits[1]) switch { 'x' => 16, 'o' => 8, _ => 2 };
        BigInteger value = 0;
        foreach (char digit in digits.AsSpan(2)) value = value * numberBase + Convert.ToInt32(digit.ToString(), 16);
        return Numbers.Normal(value);
    }
}
