using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Syntax;

/// <summary><c>+ - * / // % **</c>.</summary>
internal sealed class ArithmeticExpression(int at, string sign, Expression left, Expression right) : Expression(at)
{
    protected override object Compute(Evaluation run)
    {
        object first = left.Evaluate(run), second = right.Evaluate(run);
        run.At = At;
        return Arithmetic.Apply(sign, first, second, run.Budget);
    }
}

/// <summary><c>-value</c>, <c>+value</c> or <c>not value</c>.</summary>
internal sealed class UnaryExpression(int at, string sign, Expression operand) : Expression(at)
{
    protected override object Compute(Evaluation run)
    {
        object value = operand.Evaluate(run);
        run.At = At;
        return sign switch { "-" => Arithmetic.Negate(value, run.Budget), "+" => Arithmetic.Plus(value), _ => !Comparison.IsTrue(value) };
    }
}

/// <summary><c>and</c>, <c>or</c>: the operand that decides.</summary>
internal sealed class LogicExpression(int at, bool isAnd, Expression left, Expression right) : Expression(at)
{
    protected override object Compute(Evaluation run)
    {
        object value = left.Evaluate(run);
        return Comparison.IsTrue(value) == isAnd ? right.Evaluate(run) : value;
    }
}

/// <summary><c>a &lt; b &lt;= c in d</c>.</summary>
internal sealed class CompareExpression(int at, Expression first, IReadOnlyList<(string Sign, Expression Operand)> rest) : Expression(at)
{
    protected override object Compute(Evaluation run)
    {
        object left = first.Evaluate(run);
        foreach (var (sign, operand) in rest)
        {
            object right = operand.Evaluate(run);
            run.At = At;
            if (!Holds(sign, left, right, run.Budget)) return false;
            left = right;
        }

        return true;
    }

    private static bool Holds(string sign, object left, object right, Budget budget) => sign switch
    {
        "==" => Comparison.AreEqual(left, right, budget),
        "!=" => !Comparison.AreEqual(left, right, budget),
        "in" => Comparison.Contains(right, left, budget),
        "not in" => !Comparison.Contains(right, left, budget),
        _ => Comparison.IsOrdered(sign, left, right, budget),
    };
}

/// <summary><c>a ~ b ~ c</c>.</summary>
internal sealed class ConcatExpression(int at, IReadOnlyList<Expression> parts) : Expression(at)
{
    protected override object Compute(Evaluation run)
    {
        var buffer = new TextBuffer(run.Budget);
        foreach (var part in parts)
        {
            var text = PythonText.Str(part.Evaluate(run), run.Budget);
            buffer.Append(run.AutoEscape ? Formatting.Html.Escape(text, run.Budget) : text);
        }

        return buffer.ToText(markup: run.AutoEscape);
    }
}

/// <summary><c>a if test else b</c>.</summary>
internal sealed class ConditionalExpression(int at, Expression test, Expression yes, Expression? no) : Expression(at)
{
    protected override object Compute(Evaluation run)
    {
        if (Comparison.IsTrue(test.Evaluate(run))) return yes.Evaluate(run);
        return no?.Evaluate(run) ?? new JinjaUndefined("the inline if-expression evaluated to false and no else section was defined.");
    }
}

/// <summary><c>value | name(arguments)</c>. Without a value it filters the block it stands for.</summary>
internal sealed class FilterExpression(int at, Expression? value, string name, ArgumentList arguments) : Expression(at)
{
    private readonly Filters.Filter? _filter = Filters.FilterTable.Find(name);

    protected override object Compute(Evaluation run) => Apply(run, null);

    /// <summary>Filters a block's text where the chain starts with none of its own.</summary>
    public object Apply(Evaluation run, JinjaText? block)
    {
        object input = value switch
        {
            null => block!,
            FilterExpression inner when block is not null => inner.Apply(run, block),
            _ => value.Evaluate(run),
        };
        var given = arguments.Evaluate(run);
        run.At = At;
        run.Budget.Step();
        return (_filter ?? throw new JinjaFault(JinjaErrorKind.Runtime, $"No filter named {PythonText.Quote(name)} found."))(run, input, given);
    }
}

/// <summary><c>value is name(arguments)</c>.</summary>
internal sealed class TestExpression(int at, Expression value, string name, ArgumentList arguments) : Expression(at)
{
    private readonly Filters.Test? _test = Filters.TestTable.Find(name);

    protected override object Compute(Evaluation run)
    {
        object input = value.Evaluate(run);
        var given = arguments.Evaluate(run);
        run.At = At;
        return (_test ?? throw new JinjaFault(JinjaErrorKind.Runtime, $"No test named {PythonText.Quote(name)} found."))(run, input, given);
    }
}
