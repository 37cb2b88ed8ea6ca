namespace Studio.Core.Text.Jinja.Values;

/// <summary>The arguments of a call.</summary>
internal sealed record CallArguments(IReadOnlyList<object> Positional, IReadOnlyList<KeyValuePair<string, object>> Named)
{
    public static readonly CallArguments None = new([], []);

    public int Count => Positional.Count + Named.Count;

    public static CallArguments Of(params object[] positional) => new(positional, []);

    /// <summary>The arguments in the order of parameters, as Python binds them; null where one was not given.</summary>
    /// <param name="function">Its name, for messages.</param>
    /// <param name="parameters">Names; the first <paramref name="required"/> must be given.</param>
    /// <param name="required">How many are required.</param>
    /// <param name="positional">How many may be given by position; -1 for all.</param>
    public object?[] Bind(string function, string[] parameters, int required = 0, int positional = -1)
    {
        var bound = new object?[parameters.Length];
        if (Positional.Count > (positional < 0 ? parameters.Length : positional))
            throw JinjaFault.Type($"{function}() takes at most {parameters.Length} arguments ({Positional.Count} given)");
        for (int i = 0; i < Positional.Count; i++) bound[i] = Positional[i];
        foreach (var (name, value) in Named)
        {
            int index = Array.IndexOf(parameters, name);
            if (index < 0) throw JinjaFault.Type($"{function}() got an unexpected keyword argument '{name}'");
            if (bound[index] is not null) throw JinjaFault.Type($"{function}() got multiple values for argument '{name}'");
            bound[index] = value;
        }

        for (int i = 0; i < required; i++)
            if (bound[i] is null) throw JinjaFault.Type($"{function}() missing required argument: '{parameters[i]}'");
        return bound;
    }
}

/// <summary>Something that a template can call.</summary>
internal abstract class JinjaCallable
{
    public abstract string Name { get; }

    public abstract object Call(Evaluation run, CallArguments arguments);
}

/// <summary>A function or bound method written in C#.</summary>
internal sealed class JinjaFunction(string name, Func<Evaluation, CallArguments, object> body, string type = "function") : JinjaCallable
{
    public override string Name => name;

    public string Type => type;

    public override object Call(Evaluation run, CallArguments arguments) => body(run, arguments);
}
