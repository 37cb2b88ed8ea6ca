using Studio.Core.Text.Jinja.Formatting;
using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja;

/// <summary>The functions that every template can call.</summary>
internal static class Globals
{
    private const int LargestRange = 100_000;

    public static Scope Scope { get; } = Create();

    private static Scope Create()
    {
        var scope = new Scope(null);
        void Define(string name, Func<Evaluation, CallArguments, object> body, string type = "function") => scope.Set(name, new JinjaFunction(name, body, type));
        Define("range", Range, "type");
        Define("dict", Dict, "type");
        Define("namespace", Namespace, "type");
        Define("cycler", (run, arguments) => new Cycler(arguments), "type");
        Define("joiner", Joiner, "type");
        Define("lipsum", (_, _) => throw JinjaFault.Limit("lipsum is not available: its text is random and unbounded"));
        Define("raise_exception", (run, arguments) =>
            throw new JinjaFault(JinjaErrorKind.Raised, PythonText.Str(arguments.Bind("raise_exception", ["message"], 1)[0]!, run.Budget).Value));
        Define("strftime_now", (run, arguments) => arguments.Bind("strftime_now", ["format"], 1)[0] is JinjaText format
            ? format.Derive(TimeFormat.Format(run.Now, format.Value, run.Budget))
            : throw JinjaFault.Type("strftime() argument 1 must be str"));
        return scope;
    }

    private static JinjaRange Range(Evaluation run, CallArguments arguments)
    {
        if (arguments.Named.Count > 0) throw JinjaFault.Type("range() takes no keyword arguments");
        long[] bounds = [.. arguments.Positional.Select(Numbers.ToLong)];
        return bounds.Length switch
        {
            1 => JinjaRange.Create(0, bounds[0], 1, LargestRange),
            2 => JinjaRange.Create(bounds[0], bounds[1], 1, LargestRange),
            3 => JinjaRange.Create(bounds[0], bounds[1], bounds[2], LargestRange),
            _ => throw JinjaFault.Type($"range expected at most 3 arguments, got {bounds.Length}"),
        };
    }

    private static JinjaDict Dict(Evaluation run, CallArguments arguments)
    {
        var dict = new JinjaDict();
        foreach (var (key, value) in Pairs(run, "dict", arguments)) dict.Set(key, value);
        return dict;
    }

    private static JinjaNamespace Namespace(Evaluation run, CallArguments arguments)
    {
        var space = new JinjaNamespace();
        foreach (var (key, value) in Pairs(run, "namespace", arguments)) space[(key as JinjaText ?? throw JinjaFault.Type("attribute names must be strings")).Value] = value;
        return space;
    }

    private static List<KeyValuePair<object, object>> Pairs(Evaluation run, string function, CallArguments arguments)
    {
        if (arguments.Positional.Count > 1) throw JinjaFault.Type($"{function} expected at most 1 argument, got {arguments.Positional.Count}");
        var pairs = new List<KeyValuePair<object, object>>();
        if (arguments.Positional.Count == 1 && arguments.Positional[0] is JinjaDict given) pairs.AddRange(given.Entries);
        else if (arguments.Positional.Count == 1)
            foreach (object item in Iteration.Over(arguments.Positional[0], run.Budget))
            {
                var pair = Iteration.ToList(item, run.Budget);
                if (pair.Count != 2) throw JinjaFault.Value($"dictionary update sequence element #{pairs.Count} has length {pair.Count}; 2 is required");
                pairs.Add(new(pair[0], pair[1]));
            }

        pairs.AddRange(arguments.Named.Select(argument => new KeyValuePair<object, object>((JinjaText)argument.Key, argument.Value)));
        run.Budget.Items(pairs.Count);
        return pairs;
    }

    private static JinjaFunction Joiner(Evaluation run, CallArguments arguments)
    {
        object separator = arguments.Bind("joiner", ["sep"])[0] ?? (JinjaText)", ";
        bool used = false;
        return new JinjaFunction("joiner", (_, _) =>
        {
            if (used) return separator;
            used = true;
            return JinjaText.Empty;
        });
    }
}

/// <summary>What <c>cycler()</c> makes: gives its items in turn.</summary>
internal sealed class Cycler
{
    private readonly IReadOnlyList<object> _items;
    private int _at;

    public Cycler(CallArguments arguments)
    {
        if (arguments.Positional.Count == 0) throw new JinjaFault(JinjaErrorKind.Runtime, "at least one item has to be provided");
        _items = arguments.Positional;
    }

    public object? Attribute(string name) => name switch
    {
        "current" => _items[_at],
        "next" => new JinjaFunction("next", (_, _) =>
        {
            object item = _items[_at];
            _at = (_at + 1) % _items.Count;
            return item;
        }, "method"),
        "reset" => new JinjaFunction("reset", (_, _) =>
        {
            _at = 0;
            return JinjaNone.Value;
        }, "method"),
        "items" => new JinjaList(_items, true),
        _ => null,
    };
}
