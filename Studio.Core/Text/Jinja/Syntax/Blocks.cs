using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Syntax;

/// <summary><c>{% for %}</c>.</summary>
internal sealed record ForLoop
{
    public required Target Target { get; init; }

    public required Expression Items { get; init; }

    /// <summary>The condition behind <c>if</c>.</summary>
    public Expression? Test { get; init; }

    public required IReadOnlyList<Statement> Body { get; init; }

    public IReadOnlyList<Statement> Else { get; init; } = [];

    public bool IsRecursive { get; init; }
}

/// <summary><c>{% for %}</c>: every turn has a scope of its own.</summary>
internal sealed class ForStatement(int at, ForLoop loop) : Statement(at)
{
    protected override Flow Run(Evaluation run)
    {
        object items = loop.Items.Evaluate(run);
        if (loop.IsRecursive) run.Output.Append(run.Capture(run.Scope, inner => RunOver(inner, items, 0)));
        else RunOver(run, items, 0);
        return Flow.Next;
    }

    private void RunOver(Evaluation run, object items, int depth)
    {
        var outer = run.Scope;
        Func<object, object>? recurse = loop.IsRecursive ? next =>
        {
            run.Budget.EnterCall();
            var text = run.Capture(outer, inner => RunOver(inner, next, depth + 1));
            run.Budget.LeaveCall();
            return text;
        } : null;
        bool filtered = loop.Test is not null;
        var source = Iteration.Over(items, run.Budget);
        var state = new LoopState(filtered ? JinjaNone.Value : items, filtered ? Filter(run, source, outer) : source, depth, recurse, run.Budget);
        bool any = false;
        while (state.MoveNext(out object item))
        {
            any = true;
            var scope = new Scope(outer);
            scope.Set("loop", state);
            run.At = At;
            loop.Target.Assign(run, scope, item);
            if (run.Execute(scope, loop.Body) == Flow.Break) break;
        }

        if (!any) run.Execute(new Scope(outer), loop.Else);
    }

    private IEnumerable<object> Filter(Evaluation run, IEnumerable<object> items, Scope outer)
    {
        foreach (object item in items)
        {
            var scope = new Scope(outer);
            loop.Target.Assign(run, scope, item);
            if (Comparison.IsTrue(run.In(scope, () => loop.Test!.Evaluate(run)))) yield return item;
        }
    }
}

/// <summary>A parameter of a macro.</summary>
internal sealed record MacroParameter(string Name, Expression? Default);

/// <summary>What a macro can be called with.</summary>
/// <param name="Name">Its name; <c>caller</c> for a call block.</param>
/// <param name="Parameters">Its parameters.</param>
internal sealed record MacroSignature(string Name, IReadOnlyList<MacroParameter> Parameters)
{
    public bool UsesVarargs { get; init; }

    public bool UsesKwargs { get; init; }

    public bool UsesCaller { get; init; }
}

/// <summary><c>{% macro %}</c>.</summary>
internal sealed class MacroStatement(int at, MacroSignature signature, IReadOnlyList<Statement> body) : Statement(at)
{
    protected override Flow Run(Evaluation run)
    {
        run.Scope.Set(signature.Name, new Macro(signature, body, run.Scope));
        return Flow.Next;
    }
}

/// <summary><c>{% call(parameters) macro(arguments) %}</c>.</summary>
internal sealed class CallStatement(int at, MacroSignature caller, CallExpression call, IReadOnlyList<Statement> body) : Statement(at)
{
    protected override Flow Run(Evaluation run)
    {
        run.Print(call.Invoke(run, new Macro(caller, body, run.Scope)));
        return Flow.Next;
    }
}

/// <summary><c>{% filter name %}</c>.</summary>
internal sealed class FilterStatement(int at, FilterExpression filter, IReadOnlyList<Statement> body) : Statement(at)
{
    protected override Flow Run(Evaluation run)
    {
        var flow = Flow.Next;
        var text = run.Capture(new Scope(run.Scope), inner => flow = inner.Execute(body));
        if (flow == Flow.Next) run.Print(filter.Apply(run, run.AutoEscape ? text.AsMarkup() : text));
        return flow;
    }
}

/// <summary><c>{% generation %}</c> of transformers: what the assistant says.</summary>
internal sealed class GenerationStatement(int at, IReadOnlyList<Statement> body) : Statement(at)
{
    protected override Flow Run(Evaluation run)
    {
        run.PrintGeneration(run.Capture(new Scope(run.Scope), inner => inner.Execute(body)));
        return Flow.Next;
    }
}

/// <summary><c>{% with a = 1 %}</c>: values see the variables outside.</summary>
internal sealed class WithStatement(int at, IReadOnlyList<(Target Target, Expression Value)> variables, IReadOnlyList<Statement> body) : Statement(at)
{
    protected override Flow Run(Evaluation run)
    {
        var scope = new Scope(run.Scope);
        foreach (var (target, value) in variables) target.Assign(run, scope, value.Evaluate(run));
        return run.Execute(scope, body);
    }
}

/// <summary><c>{% block %}</c> of a template that extends none: its body, which sees the template's own variables only unless scoped.</summary>
internal sealed class BlockStatement(int at, bool scoped, IReadOnlyList<Statement> body) : Statement(at)
{
    protected override Flow Run(Evaluation run)
    {
        run.Execute(new Scope(scoped ? run.Scope : run.TopLevel), body);
        return Flow.Next;
    }
}

/// <summary><c>{% autoescape %}</c>.</summary>
internal sealed class AutoEscapeStatement(int at, Expression enabled, IReadOnlyList<Statement> body) : Statement(at)
{
    protected override Flow Run(Evaluation run)
    {
        bool outer = run.AutoEscape;
        run.AutoEscape = Comparison.IsTrue(enabled.Evaluate(run));
        var flow = run.Execute(new Scope(run.Scope), body);
        run.AutoEscape = outer;
        return flow;
    }
}

/// <summary><c>include</c>, <c>import</c>, <c>from</c> and <c>extends</c>: a chat template is one file, there is nothing to load.</summary>
internal sealed class LoadStatement(int at, Expression name) : Statement(at)
{
    protected override Flow Run(Evaluation run)
    {
        name.Evaluate(run);
        throw JinjaFault.Type("no loader for this environment specified");
    }
}
