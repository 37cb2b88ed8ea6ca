using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Filters;

/// <summary>Filters over sequences and mappings.</summary>
internal static class SequenceFilters
{
    public static object Length(Evaluation run, object value, CallArguments arguments)
    {
        arguments.Bind("length", []);
        return Iteration.Length(value);
    }

    public static object List(Evaluation run, object value, CallArguments arguments)
    {
        arguments.Bind("list", []);
        return new JinjaList(Iteration.ToList(value, run.Budget));
    }

    public static object Items(Evaluation run, object value, CallArguments arguments)
    {
        arguments.Bind("items", []);
        return new JinjaIterator(Pairs());

        IEnumerable<object> Pairs()
        {
            if (value is JinjaUndefined) yield break;
            if (value is not JinjaDict dict) throw JinjaFault.Type("Can only get item pairs from a mapping.");
            foreach (object pair in new DictView(dict, DictPart.Items).Items) yield return pair;
        }
    }

    public static object First(Evaluation run, object value, CallArguments arguments)
    {
        arguments.Bind("first", []);
        return Iteration.Over(value, run.Budget).FirstOrDefault() ?? new JinjaUndefined("No first item, sequence was empty.");
    }

    public static object Last(Evaluation run, object value, CallArguments arguments)
    {
        arguments.Bind("last", []);
        if (value is JinjaIterator) throw JinjaFault.Type("'generator' object is not reversible");
        return Reversed(value, run.Budget).FirstOrDefault() ?? new JinjaUndefined("No last item, sequence was empty.");
    }

    public static object Reverse(Evaluation run, object value, CallArguments arguments)
    {
        arguments.Bind("reverse", []);
        if (value is JinjaText text)
        {
            var buffer = new TextBuffer(run.Budget);
            foreach (object point in Reversed(text, run.Budget)) buffer.Append((JinjaText)point);
            return buffer.ToText(text.IsMarkup);
        }

        if (!Iteration.IsIterable(value)) throw JinjaFault.Type("argument must be iterable");
        return new JinjaIterator(Reversed(value, run.Budget));
    }

    public static object Join(Evaluation run, object value, CallArguments arguments)
    {
        var bound = arguments.Bind("join", ["d", "attribute"]);
        var separator = PythonText.Str(bound[0] ?? JinjaText.Empty, run.Budget);
        var path = AttributePath.Parse(bound[1]);
        var buffer = new TextBuffer(run.Budget);
        bool first = true;
        foreach (object item in Iteration.Over(value, run.Budget))
        {
            if (!first) buffer.Append(separator);
            buffer.Append(PythonText.Str(path.Get(run, item), run.Budget));
            first = false;
        }

        return buffer.ToText();
    }

    public static object Default(Evaluation run, object value, CallArguments arguments)
    {
        var bound = arguments.Bind("default", ["default_value", "boolean"]);
        bool orFalse = bound[1] is { } flag && Comparison.IsTrue(flag);
        return value is JinjaUndefined || (orFalse && !Comparison.IsTrue(value)) ? bound[0] ?? JinjaText.Empty : value;
    }

    public static object Attr(Evaluation run, object value, CallArguments arguments) =>
        Attributes.Only(run, value, PythonText.Str(arguments.Bind("attr", ["name"], 1)[0]!, run.Budget).Value);

    private static IEnumerable<object> Reversed(object value, Budget budget)
    {
        var items = value is JinjaList list ? list.Items : Iteration.ToList(value, budget);
        for (int i = items.Count - 1; i >= 0; i--)
        {
            budget.Step();
            yield return items[i];
        }
    }
}

/// <summary>An attribute argument of a filter: <c>a.b.0</c>, a number, or none.</summary>
internal sealed class AttributePath
{
    private readonly List<object> _parts = [];

    public bool IsEmpty => _parts.Count == 0;

    public static AttributePath Parse(object? attribute)
    {
        var path = new AttributePath();
        if (attribute is JinjaText text)
            path._parts.AddRange(text.Value.Split('.').Select(part => part.Length is > 0 and < 10 && part.All(char.IsAsciiDigit)
                ? long.Parse(part, System.Globalization.CultureInfo.InvariantCulture) : (object)(JinjaText)part));
        else if (attribute is not (null or JinjaNone)) path._parts.Add(attribute);
        return path;
    }

    /// <summary>What the path leads to; the default where a part of it is undefined.</summary>
    public object Get(Evaluation run, object value, object? standard = null)
    {
        foreach (object part in _parts)
        {
            run.Budget.Step();
            value = Attributes.Item(run, value, part);
            if (standard is not null && value is JinjaUndefined) value = standard;
        }

        return value;
    }
}
