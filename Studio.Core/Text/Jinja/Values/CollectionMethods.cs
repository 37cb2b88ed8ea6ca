namespace Studio.Core.Text.Jinja.Values;

/// <summary>Methods of Python's list, tuple, dict and range that change nothing.</summary>
internal static class CollectionMethods
{
    public static object? OfDict(JinjaDict dict, string name) => name switch
    {
        "items" => Method(name, (run, arguments) => View(dict, DictPart.Items, name, arguments)),
        "keys" => Method(name, (run, arguments) => View(dict, DictPart.Keys, name, arguments)),
        "values" => Method(name, (run, arguments) => View(dict, DictPart.Values, name, arguments)),
        "get" => Method(name, (run, arguments) =>
        {
            var bound = arguments.Bind(name, ["key", "default"], 1);
            return dict.TryGet(bound[0]!, out object? value) ? value : bound[1] ?? JinjaNone.Value;
        }),
        "copy" => Method(name, (run, arguments) =>
        {
            arguments.Bind(name, []);
            run.Budget.Items(dict.Count);
            var copy = new JinjaDict();
            foreach (var (key, value) in dict.Entries) copy.Set(key, value);
            return copy;
        }),
        "fromkeys" => Method(name, (run, arguments) =>
        {
            var bound = arguments.Bind(name, ["iterable", "value"], 1);
            var made = new JinjaDict();
            foreach (object key in Iteration.ToList(bound[0]!, run.Budget)) made.Set(key, bound[1] ?? JinjaNone.Value);
            return made;
        }),
        _ => null,
    };

    public static object? OfSequence(JinjaList list, string name) => name switch
    {
        "count" => Method(name, (run, arguments) =>
        {
            object wanted = arguments.Bind(name, ["value"], 1)[0]!;
            return (long)list.Items.Count(item => Comparison.AreEqual(item, wanted, run.Budget));
        }),
        "index" => Method(name, (run, arguments) => Index(list.Items, name, arguments, run.Budget)),
        "copy" when !list.IsTuple => Method(name, (run, arguments) => list),
        _ => Array.IndexOf(list.Fields, name) is >= 0 and var field ? list.Items[field] : null,
    };

    public static object? OfRange(JinjaRange range, string name) => name switch
    {
        "start" => range.Start,
        "stop" => range.WrittenStop,
        "step" => range.Step,
        "count" => Method(name, (run, arguments) => Comparison.Contains(range, arguments.Bind(name, ["value"], 1)[0]!, run.Budget) ? 1L : 0L),
        "index" => Method(name, (run, arguments) => Index(Iteration.ToList(range, run.Budget), name, arguments, run.Budget)),
        _ => null,
    };

    private static JinjaFunction Method(string name, Func<Evaluation, CallArguments, object> body) => new(name, body, "built-in method");

    private static DictView View(JinjaDict dict, DictPart part, string name, CallArguments arguments)
    {
        arguments.Bind(name, []);
        return new DictView(dict, part);
    }

    private static long Index(IReadOnlyList<object> items, string name, CallArguments arguments, Budget budget)
    {
        var bound = arguments.Bind(name, ["value", "start", "stop"], 1);
        int start = bound[1] is { } from ? Numbers.ToIndex(from) : 0, stop = bound[2] is { } to ? Numbers.ToIndex(to) : items.Count;
        if (start < 0) start = Math.Max(0, start + items.Count);
        if (stop < 0) stop += items.Count;
        for (int i = start; i < Math.Min(stop, items.Count); i++)
            if (Comparison.AreEqual(items[i], bound[0]!, budget)) return i;
        throw JinjaFault.Value($"{PythonText.ShortRepr(bound[0]!)} is not in list");
    }
}

/// <summary>Methods of Python's int and float.</summary>
internal static class NumberMethods
{
    public static object? Find(object owner, string name)
    {
        if (!Numbers.IsNumber(owner)) return null;
        return (owner, name) switch
        {
            (_, "real") => owner is bool ? Arithmetic.Plus(owner) : owner,
            (double, "imag") => 0.0,
            (_, "imag") => 0L,
            (double number, "is_integer") => Method(name, () => double.IsFinite(number) && number == Math.Floor(number)),
            (not double, "numerator") => Arithmetic.Plus(owner),
            (not double, "denominator") => 1L,
            (not double, "bit_length") => Method(name, () => (long)System.Numerics.BigInteger.Abs(Numbers.ToBig(owner)).GetBitLength()),
            (_, "conjugate") => Method(name, () => Arithmetic.Plus(owner)),
            _ => null,
        };
    }

    private static JinjaFunction Method(string name, Func<object> body) => new(name, (_, arguments) =>
    {
        arguments.Bind(name, []);
        return body();
    }, "built-in method");
}
