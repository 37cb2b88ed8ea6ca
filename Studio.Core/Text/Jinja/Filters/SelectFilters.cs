using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Filters;

/// <summary>map, select, reject and their attribute forms: generators over another filter or test.</summary>
internal static class SelectFilters
{
    public static object Map(Evaluation run, object value, CallArguments arguments) => Later(value, () => Mapped(run, value, arguments));

    private static IEnumerable<object> Mapped(Evaluation run, object value, CallArguments arguments)
    {
        if (arguments.Positional.Count == 0 && arguments.Named.Any(argument => argument.Key == "attribute"))
        {
            var bound = arguments.Bind("map", ["attribute", "default"], 0, positional: 0);
            var path = AttributePath.Parse(bound[0]);
            object? standard = bound[1] is JinjaNone ? null : bound[1];
            return Iteration.Over(value, run.Budget).Select(item => path.Get(run, item, standard));
        }

        if (arguments.Positional.Count == 0) throw new JinjaFault(JinjaErrorKind.Runtime, "map requires a filter argument");
        var (name, rest) = Split(arguments, 0);
        var filter = FilterTable.Find(name) ?? throw new JinjaFault(JinjaErrorKind.Runtime, $"No filter named {PythonText.Quote(name)}.");
        return Iteration.Over(value, run.Budget).Select(item => filter(run, item, rest));
    }

    public static object Select(Evaluation run, object value, CallArguments arguments) => Later(value, () => Choose(run, value, arguments, false, true));

    public static object Reject(Evaluation run, object value, CallArguments arguments) => Later(value, () => Choose(run, value, arguments, false, false));

    public static object SelectAttr(Evaluation run, object value, CallArguments arguments) => Later(value, () => Choose(run, value, arguments, true, true));

    public static object RejectAttr(Evaluation run, object value, CallArguments arguments) => Later(value, () => Choose(run, value, arguments, true, false));

    /// <summary>A generator, which does and refuses nothing before it is asked for an item, and nothing at all for what is false.</summary>
    private static JinjaIterator Later(object value, Func<IEnumerable<object>> items)
    {
        return new JinjaIterator(Started());

        IEnumerable<object> Started()
        {
            if (!Comparison.IsTrue(value)) yield break;
            foreach (object item in items()) yield return item;
        }
    }

    private static IEnumerable<object> Choose(Evaluation run, object value, CallArguments arguments, bool byAttribute, bool wanted)
    {
        if (byAttribute && arguments.Positional.Count == 0) throw new JinjaFault(JinjaErrorKind.Runtime, "Missing parameter for attribute name");
        var path = AttributePath.Parse(byAttribute ? arguments.Positional[0] : null);
        int at = byAttribute ? 1 : 0;
        Func<object, bool> test = Comparison.IsTrue;
        if (arguments.Positional.Count > at)
        {
            var (name, rest) = Split(arguments, at);
            var found = TestTable.Find(name) ?? throw new JinjaFault(JinjaErrorKind.Runtime, $"No test named {PythonText.Quote(name)}.");
            test = item => found(run, item, rest);
        }

        return Iteration.Over(value, run.Budget).Where(item => test(path.Get(run, item)) == wanted);
    }

    private static (string Name, CallArguments Others) Split(CallArguments arguments, int at) => arguments.Positional[at] is JinjaText name
        ? (name.Value, new CallArguments([.. arguments.Positional.Skip(at + 1)], arguments.Named))
        : throw new JinjaFault(JinjaErrorKind.Runtime, $"No filter or test named {PythonText.ShortRepr(arguments.Positional[at])}.");
}
