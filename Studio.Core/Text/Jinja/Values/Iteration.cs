namespace Studio.Core.Text.Jinja.Values;

/// <summary>What Python's iter() and len() do.</summary>
internal static class Iteration
{
    /// <summary>The items of a value, each counted as a step.</summary>
    /// <exception cref="JinjaFault">The value cannot be iterated over.</exception>
    public static IEnumerable<object> Over(object value, Budget budget)
    {
        var items = value switch
        {
            JinjaList list => list.Items,
            JinjaText text => CodePoints.Split(text),
            JinjaDict dict => dict.Keys,
            DictView view => view.Items,
            JinjaRange range => Enumerable.Range(0, range.Count).Select(i => (object)range[i]),
            JinjaIterator iterator => iterator.Rest(),
            LoopState loop => loop.Pairs(),
            JinjaUndefined { } => [],
            _ => throw JinjaFault.Type($"'{TypeNames.Of(value)}' object is not iterable"),
        };
        return Counted(items, budget);
    }

    /// <summary>The items of a value, of which nothing is asked before the first item is.</summary>
    public static IEnumerable<object> Later(object value, Budget budget)
    {
        foreach (object item in Over(value, budget)) yield return item;
    }

    public static bool IsIterable(object value) =>
        value is JinjaList or JinjaText or JinjaDict or DictView or JinjaRange or JinjaIterator or LoopState or JinjaUndefined;

    /// <summary>All items as a new list.</summary>
    public static List<object> ToList(object value, Budget budget)
    {
        var items = new List<object>();
        foreach (object item in Over(value, budget))
        {
            budget.Items(1);
            items.Add(item);
        }

        return items;
    }

    /// <summary>len(): only of what knows its length.</summary>
    public static long Length(object value) => value switch
    {
        JinjaText text => text.Length,
        JinjaList list => list.Count,
        JinjaDict dict => dict.Count,
        DictView view => view.Dict.Count,
        JinjaRange range => range.Count,
        LoopState loop => loop.Length,
        JinjaUndefined => 0,
        _ => throw JinjaFault.Type($"object of type '{TypeNames.Of(value)}' has no len()"),
    };

    private static IEnumerable<object> Counted(IEnumerable<object> items, Budget budget)
    {
        foreach (object item in items)
        {
            budget.Step();
            yield return item;
        }
    }
}
