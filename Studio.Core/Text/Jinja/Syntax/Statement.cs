using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Syntax;

/// <summary>A statement of a template.</summary>
/// <param name="at">Where it stands in the source.</param>
internal abstract class Statement(int at)
{
    public int At { get; } = at;

    public Flow Execute(Evaluation run)
    {
        run.Budget.Step();
        run.Budget.Enter();
        run.At = At;
        var flow = Run(run);
        run.Budget.Leave();
        return flow;
    }

    protected abstract Flow Run(Evaluation run);
}

/// <summary>Text outside of tags.</summary>
internal sealed class DataStatement(int at, string text) : Statement(at)
{
    private readonly JinjaText _text = text;

    protected override Flow Run(Evaluation run)
    {
        run.Output.Append(_text);
        run.Budget.CheckOutput(run.Output.Length);
        return Flow.Next;
    }
}

/// <summary><c>{{ value }}</c>.</summary>
internal sealed class PrintStatement(int at, Expression value) : Statement(at)
{
    protected override Flow Run(Evaluation run)
    {
        run.Print(value.Evaluate(run));
        return Flow.Next;
    }
}

/// <summary><c>{% if %}</c> with its branches; the last may have no test.</summary>
internal sealed class IfStatement(int at, IReadOnlyList<(Expression? Test, IReadOnlyList<Statement> Body)> branches) : Statement(at)
{
    protected override Flow Run(Evaluation run)
    {
        foreach (var (test, body) in branches)
            if (test is null || Comparison.IsTrue(test.Evaluate(run))) return run.Execute(body);
        return Flow.Next;
    }
}

/// <summary><c>{% break %}</c> and <c>{% continue %}</c>.</summary>
internal sealed class JumpStatement(int at, Flow flow) : Statement(at)
{
    protected override Flow Run(Evaluation run) => flow;
}

/// <summary>What a set, for or with statement assigns to.</summary>
internal abstract record Target
{
    public abstract void Assign(Evaluation run, Scope scope, object value);
}

/// <summary>A variable.</summary>
internal sealed record NameTarget(string Name) : Target
{
    public override void Assign(Evaluation run, Scope scope, object value) => scope.Set(Name, value);
}

/// <summary>An attribute of a namespace.</summary>
internal sealed record NamespaceTarget(string Name, string Attribute) : Target
{
    public override void Assign(Evaluation run, Scope scope, object value)
    {
        object owner = scope.Find(Name);
        if (owner is not JinjaNamespace space) throw new JinjaFault(JinjaErrorKind.Runtime, "cannot assign attribute on non-namespace object");
        run.Budget.Items(1);
        space[Attribute] = value;
    }
}

/// <summary>Several targets, each for an item of the value.</summary>
internal sealed record TupleTarget(IReadOnlyList<Target> Parts) : Target
{
    public override void Assign(Evaluation run, Scope scope, object value)
    {
        if (!Iteration.IsIterable(value)) throw JinjaFault.Type($"cannot unpack non-iterable {TypeNames.Of(value)} object");
        var items = new List<object>(Parts.Count);
        foreach (object item in Iteration.Over(value, run.Budget))
        {
            if (items.Count == Parts.Count) throw JinjaFault.Value($"too many values to unpack (expected {Parts.Count})");
            items.Add(item);
        }

        if (items.Count < Parts.Count) throw JinjaFault.Value($"not enough values to unpack (expected {Parts.Count}, got {items.Count})");
        for (int i = 0; i < items.Count; i++) Parts[i].Assign(run, scope, items[i]);
    }
}

/// <summary><c>{% set target = value %}</c>.</summary>
internal sealed class SetStatement(int at, Target target, Expression value) : Statement(at)
{
    protected override Flow Run(Evaluation run)
    {
        object assigned = value.Evaluate(run);
        run.At = At;
        target.Assign(run, run.Scope, assigned);
        return Flow.Next;
    }
}

/// <summary><c>{% set target %}text{% endset %}</c>, perhaps through a filter.</summary>
internal sealed class SetBlockStatement(int at, Target target, FilterExpression? filter, IReadOnlyList<Statement> body) : Statement(at)
{
    protected override Flow Run(Evaluation run)
    {
        var flow = Flow.Next;
        var text = run.Capture(new Scope(run.Scope), inner => flow = inner.Execute(body));
        if (flow != Flow.Next) return flow;
        if (run.AutoEscape) text = text.AsMarkup();
        target.Assign(run, run.Scope, filter is null ? text : filter.Apply(run, text));
        return Flow.Next;
    }
}
