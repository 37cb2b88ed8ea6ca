using Studio.Core.Text.Jinja.Syntax;
using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja;

/// <summary>A macro, or the body of a call block: a function of the template that returns the text it renders.</summary>
internal sealed class Macro(MacroSignature signature, IReadOnlyList<Statement> body, Scope definedIn) : JinjaCallable
{
    public override string Name => signature.Name;

    public override object Call(Evaluation run, CallArguments arguments)
    {
        var scope = new Scope(definedIn);
        var missing = Bind(arguments, scope);
        run.Budget.EnterCall();
        var text = run.Capture(scope, inner =>
        {
            // Defaults see the parameters before them.
            for (int i = 0; i < signature.Parameters.Count; i++)
                if (missing[i])
                    scope.Set(signature.Parameters[i].Name, signature.Parameters[i].Default is { } value ? value.Evaluate(inner)
                        : new JinjaUndefined($"parameter {PythonText.Quote(signature.Parameters[i].Name)} was not provided"));
            inner.Execute(body);
        });
        run.Budget.LeaveCall();
        return run.AutoEscape ? text.AsMarkup() : text;
    }

    public object? Attribute(string name) => name switch
    {
        "name" => (JinjaText)Name,
        "arguments" => new JinjaList([.. signature.Parameters.Select(parameter => (object)(JinjaText)parameter.Name)], true),
        "catch_kwargs" => signature.UsesKwargs,
        "catch_varargs" => signature.UsesVarargs,
        "caller" => signature.UsesCaller,
        _ => null,
    };

    private bool[] Bind(CallArguments arguments, Scope scope)
    {
        int count = signature.Parameters.Count;
        var missing = new bool[count];
        var named = arguments.Named.ToList();
        bool explicitCaller = signature.Parameters.Any(parameter => parameter.Name == "caller");
        for (int i = 0; i < count; i++)
        {
            string name = signature.Parameters[i].Name;
            if (i < arguments.Positional.Count)
            {
                scope.Set(name, arguments.Positional[i]);
                continue;
            }

            int index = named.FindIndex(argument => argument.Key == name);
            missing[i] = index < 0;
            if (index < 0) continue;
            scope.Set(name, named[index].Value);
            named.RemoveAt(index);
        }

        if (signature.UsesCaller && !explicitCaller)
        {
            int index = named.FindIndex(argument => argument.Key == "caller");
            scope.Set("caller", index >= 0 ? named[index].Value : new JinjaUndefined("No caller defined"));
            if (index >= 0) named.RemoveAt(index);
        }

        if (signature.UsesKwargs)
        {
            var rest = new JinjaDict();
            foreach (var (name, value) in named) rest.Set((JinjaText)name, value);
            scope.Set("kwargs", rest);
        }
        else if (named.Count > 0)
        {
            throw JinjaFault.Type(named.Any(argument => argument.Key == "caller")
                ? $"macro {PythonText.Quote(Name)} was invoked with two values for the special caller argument. This is most likely a bug."
                : $"macro {PythonText.Quote(Name)} takes no keyword argument {PythonText.Quote(named[0].Key)}");
        }

        if (signature.UsesVarargs) scope.Set("varargs", new JinjaList([.. arguments.Positional.Skip(count)], true));
        else if (arguments.Positional.Count > count) throw JinjaFault.Type($"macro {PythonText.Quote(Name)} takes not more than {count} argument(s)");
        return missing;
    }
}
