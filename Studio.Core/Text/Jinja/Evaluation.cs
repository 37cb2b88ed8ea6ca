using Studio.Core.Text.Jinja.Formatting;
using Studio.Core.Text.Jinja.Syntax;
using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja;

/// <summary>One rendering under way: where it is, what variables it sees, where its text goes.</summary>
internal sealed class Evaluation
{
    private readonly TextBuffer _root;
    private readonly List<JinjaSpan> _spans = [];

    public Evaluation(Budget budget, Scope globals, DateTime now)
    {
        Budget = budget;
        Now = now;
        TopLevel = Scope = new Scope(globals);
        Output = _root = new TextBuffer(budget);
    }

    public Budget Budget { get; }

    /// <summary>What strftime_now sees.</summary>
    public DateTime Now { get; }

    /// <summary>Where in the source the evaluation is, for messages.</summary>
    public int At { get; set; }

    public Scope Scope { get; private set; }

    /// <summary>The scope of the template itself, which named blocks see.</summary>
    public Scope TopLevel { get; }

    public TextBuffer Output { get; private set; }

    /// <summary>Whether printed values are escaped for HTML; chat templates start without.</summary>
    public bool AutoEscape { get; set; }

    /// <summary>The generation blocks so far, in code points of the output, as transformers counts them.</summary>
    public IReadOnlyList<JinjaSpan> Spans => _spans;

    public Flow Execute(IReadOnlyList<Statement> body)
    {
        foreach (var statement in body)
        {
            var flow = statement.Execute(this);
            if (flow != Flow.Next) return flow;
        }

        return Flow.Next;
    }

    /// <summary>Runs a block in a scope of its own.</summary>
    public Flow Execute(Scope scope, IReadOnlyList<Statement> body)
    {
        var outer = Scope;
        Scope = scope;
        var flow = Execute(body);
        Scope = outer;
        return flow;
    }

    /// <summary>Runs something in a scope and returns what it prints instead of printing it.</summary>
    public JinjaText Capture(Scope scope, Action<Evaluation> body)
    {
        var (outerScope, outerOutput) = (Scope, Output);
        (Scope, Output) = (scope, new TextBuffer(Budget));
        body(this);
        var text = Output.ToText();
        (Scope, Output) = (outerScope, outerOutput);
        return text;
    }

    /// <summary>Evaluates something in another scope.</summary>
    public T In<T>(Scope scope, Func<T> body)
    {
        var outer = Scope;
        Scope = scope;
        var value = body();
        Scope = outer;
        return value;
    }

    public void Print(object value)
    {
        var text = PythonText.Str(value, Budget);
        Output.Append(AutoEscape ? Html.Escape(text, Budget) : text);
        Budget.CheckOutput(Output.Length);
    }

    /// <summary>Prints a generation block and remembers where it lies.</summary>
    public void PrintGeneration(JinjaText text)
    {
        int start = _root.CodePointCount;
        _spans.Add(new JinjaSpan(start, start + text.Length));
        var runs = text.Runs ?? (text.Value.Length == 0 ? [] : [new TextRun(text.Value.Length, Origins.Template)]);
        Output.Append(new JinjaText(text.Value, [.. runs.Select(run => run with { Origin = Origins.InGeneration(run.Origin) })]));
        Budget.CheckOutput(Output.Length);
    }

    public object Call(object function, CallArguments arguments)
    {
        Budget.Step(arguments.Count);
        return function switch
        {
            JinjaCallable callable => callable.Call(this, arguments),
            JinjaUndefined undefined => throw undefined.Fault(),
            LoopState loop => loop.Recurse(arguments.Bind("loop", ["iterable"], 1)[0]!),
            _ => throw JinjaFault.Type($"'{TypeNames.Of(function)}' object is not callable"),
        };
    }
}

/// <summary>What a statement wants to happen next.</summary>
internal enum Flow
{
    Next,
    Break,
    Continue,
}
