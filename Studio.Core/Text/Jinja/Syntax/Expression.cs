using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Syntax;

/// <summary>An expression of a template.</summary>
/// <param name="at">Where it stands in the source.</param>
internal abstract class Expression(int at)
{
    public int At { get; } = at;

    /// <summary>Its value; counts a step and a level of depth.</summary>
    public object Evaluate(Evaluation run)
    {
        run.Budget.Step();
        run.Budget.Enter();
        run.At = At;
        object value = Compute(run);
        run.Budget.Leave();
        // What fails next fails in the expression around this one.
        return value;
    }

    protected abstract object Compute(Evaluation run);
}

/// <summary>A literal.</summary>
internal sealed class Constant(int at, object value) : Expression(at)
{
    protected override object Compute(Evaluation run) => value;
}

/// <summary>A variable.</summary>
internal sealed class NameExpression(int at, string name) : Expression(at)
{
    public string Name => name;

    protected override object Compute(Evaluation run) => run.Scope.Find(name);
}

/// <summary>A list or tuple literal.</summary>
internal sealed class ListExpression(int at, IReadOnlyList<Expression> items, bool tuple) : Expression(at)
{
    public IReadOnlyList<Expression> Items => items;

    public bool IsTuple => tuple;

    protected override object Compute(Evaluation run)
    {
        run.Budget.Items(items.Count);
        var values = new object[items.Count];
        for (int i = 0; i < values.Length; i++) values[i] = items[i].Evaluate(run);
        return new JinjaList(values, tuple);
    }
}

/// <summary>A dict literal.</summary>
internal sealed class DictExpression(int at, IReadOnlyList<(Expression Key, Expression Value)> items) : Expression(at)
{
    protected override object Compute(Evaluation run)
    {
        run.Budget.Items(items.Count);
        var dict = new JinjaDict();
        foreach (var (key, value) in items) dict.Set(key.Evaluate(run), value.Evaluate(run));
        return dict;
    }
}

/// <summary><c>owner.name</c>.</summary>
internal sealed class AttributeExpression(int at, Expression owner, string name) : Expression(at)
{
    protected override object Compute(Evaluation run)
    {
        object value = owner.Evaluate(run);
        run.At = At;
        return Attributes.Get(run, value, name);
    }
}

/// <summary><c>owner[key]</c>.</summary>
internal sealed class ItemExpression(int at, Expression owner, Expression key) : Expression(at)
{
    protected override object Compute(Evaluation run)
    {
        object value = owner.Evaluate(run), index = key.Evaluate(run);
        run.At = At;
        return Attributes.Item(run, value, index);
    }
}

/// <summary><c>owner[start:stop:step]</c>.</summary>
internal sealed class SliceExpression(int at, Expression owner, Expression? start, Expression? stop, Expression? step) : Expression(at)
{
    protected override object Compute(Evaluation run)
    {
        object value = owner.Evaluate(run);
        object? first = start?.Evaluate(run), end = stop?.Evaluate(run), width = step?.Evaluate(run);
        run.At = At;
        return Slices.Take(value, first, end, width, run.Budget);
    }
}

/// <summary>A call of a macro, function or method.</summary>
internal sealed class CallExpression(int at, Expression function, ArgumentList arguments) : Expression(at)
{
    protected override object Compute(Evaluation run) => Invoke(run, null);

    /// <summary>Calls it, with a call block's body as <c>caller</c>.</summary>
    public object Invoke(Evaluation run, object? caller)
    {
        object callee = function.Evaluate(run);
        var given = arguments.Evaluate(run);
        if (caller is not null) given = given with { Named = [.. given.Named, new("caller", caller)] };
        run.At = At;
        return run.Call(callee, given);
    }
}

/// <summary>Arguments of a call, filter or test.</summary>
internal sealed record ArgumentList(IReadOnlyList<Expression> Positional, IReadOnlyList<(string Name, Expression Value)> Named, Expression? Rest, Expression? NamedRest)
{
    public static readonly ArgumentList None = new([], [], null, null);

    public CallArguments Evaluate(Evaluation run)
    {
        if (Positional.Count == 0 && Named.Count == 0 && Rest is null && NamedRest is null) return CallArguments.None;
        var positional = new List<object>(Positional.Count);
        foreach (var argument in Positional) positional.Add(argument.Evaluate(run));
        var named = new List<KeyValuePair<string, object>>(Named.Count);
        foreach (var (name, value) in Named) named.Add(new(name, value.Evaluate(run)));
        if (Rest is not null) positional.AddRange(Iteration.ToList(Rest.Evaluate(run), run.Budget));
        if (NamedRest?.Evaluate(run) is { } rest)
        {
            if (rest is not JinjaDict dict) throw JinjaFault.Type($"argument after ** must be a mapping, not {TypeNames.Of(rest)}");
            run.Budget.Items(dict.Count);
            foreach (var (key, value) in dict.Entries)
                named.Add(new((key as JinjaText ?? throw JinjaFault.Type("keywords must be strings")).Value, value));
        }

        for (int i = 1; i < named.Count; i++)
            for (int j = 0; j < i && i < 64; j++)
                if (named[i].Key == named[j].Key) throw JinjaFault.Type($"got multiple values for keyword argument '{named[i].Key}'");
        return new CallArguments(positional, named);
    }
}
