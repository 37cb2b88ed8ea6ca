using Studio.Core.Text.Jinja.Formatting;
using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Filters;

/// <summary>Filters that order, group or add up items.</summary>
internal static class GroupFilters
{
    public static object Sort(Evaluation run, object value, CallArguments arguments)
    {
        var bound = arguments.Bind("sort", ["reverse", "case_sensitive", "attribute"]);
        bool caseSensitive = IsSet(bound[1]);
        var paths = (bound[2] is JinjaText text ? text.Value.Split(',').Select(part => (object)(JinjaText)part) : [bound[2] ?? JinjaNone.Value])
            .Select(AttributePath.Parse).ToArray();
        object Key(object item) => paths.Length == 1 ? Folded(run, paths[0].Get(run, item), caseSensitive)
            : new JinjaList([.. paths.Select(path => Folded(run, path.Get(run, item), caseSensitive))]);
        return new JinjaList(Ordered(run, Iteration.ToList(value, run.Budget), Key, IsSet(bound[0])));
    }

    public static object DictSort(Evaluation run, object value, CallArguments arguments)
    {
        var bound = arguments.Bind("dictsort", ["case_sensitive", "by", "reverse"]);
        string by = (bound[1] as JinjaText)?.Value ?? "key";
        if (by is not ("key" or "value")) throw new JinjaFault(JinjaErrorKind.Runtime, "You can only sort by either \"key\" or \"value\"");
        if (value is not JinjaDict dict) throw JinjaFault.Type($"'{TypeNames.Of(value)}' object has no attribute 'items'");
        var pairs = Iteration.ToList(new DictView(dict, DictPart.Items), run.Budget);
        return new JinjaList(Ordered(run, pairs, pair => Folded(run, ((JinjaList)pair).Items[by == "key" ? 0 : 1], IsSet(bound[0])), IsSet(bound[2])));
    }

    public static object Unique(Evaluation run, object value, CallArguments arguments)
    {
        var bound = arguments.Bind("unique", ["case_sensitive", "attribute"]);
        var path = AttributePath.Parse(bound[1]);
        var seen = new JinjaDict();
        return new JinjaIterator(Iteration.Later(value, run.Budget).Where(item =>
        {
            object key = Folded(run, path.Get(run, item), IsSet(bound[0]));
            if (seen.TryGet(key, out _)) return false;
            run.Budget.Items(1);
            seen.Set(key, JinjaNone.Value);
            return true;
        }));
    }

    public static object Min(Evaluation run, object value, CallArguments arguments) => Extreme(run, value, arguments, "min", -1);

    public static object Max(Evaluation run, object value, CallArguments arguments) => Extreme(run, value, arguments, "max", 1);

    public static object Sum(Evaluation run, object value, CallArguments arguments)
    {
        var bound = arguments.Bind("sum", ["attribute", "start"]);
        var path = AttributePath.Parse(bound[0]);
        object total = bound[1] ?? 0L;
        if (total is JinjaText) throw JinjaFault.Type("sum() can't sum strings [use ''.join(seq) instead]");
        foreach (object item in Iteration.Over(value, run.Budget)) total = Arithmetic.Apply("+", total, path.Get(run, item), run.Budget);
        return total;
    }

    public static object GroupBy(Evaluation run, object value, CallArguments arguments)
    {
        var bound = arguments.Bind("groupby", ["attribute", "default", "case_sensitive"], 1);
        var path = AttributePath.Parse(bound[0]);
        bool caseSensitive = IsSet(bound[2]);
        object? standard = bound[1] is JinjaNone ? null : bound[1];
        object Raw(object item) => path.Get(run, item, standard);
        var groups = new List<object>();
        List<object>? members = null;
        object? last = null;
        foreach (object item in Ordered(run, Iteration.ToList(value, run.Budget), item => Folded(run, Raw(item), caseSensitive), false))
        {
            object key = Folded(run, Raw(item), caseSensitive);
            if (members is null || !Comparison.AreEqual(last!, key, run.Budget))
            {
                members = [];
                // The group is named as its first member spells it.
                groups.Add(new JinjaList([Raw(item), new JinjaList(members)], true) { Fields = ["grouper", "list"] });
                last = key;
            }

            members.Add(item);
        }

        return new JinjaList(groups);
    }

    public static object Batch(Evaluation run, object value, CallArguments arguments)
    {
        var bound = arguments.Bind("batch", ["linecount", "fill_with"], 1);
        int size = Numbers.ToIndex(bound[0]!);
        object? fill = bound[1] is JinjaNone ? null : bound[1];
        return new JinjaIterator(Batches());

        IEnumerable<object> Batches()
        {
            var part = new List<object>();
            foreach (object item in Iteration.Over(value, run.Budget))
            {
                if (part.Count == size)
                {
                    yield return new JinjaList(part);
                    part = [];
                }

                run.Budget.Items(1);
                part.Add(item);
            }

            if (part.Count == 0) yield break;
            if (fill is not null && part.Count < size)
            {
                run.Budget.Items(size - part.Count);
                part.AddRange(Enumerable.Repeat(fill, size - part.Count));
            }

            yield return new JinjaList(part);
        }
    }

    public static object Slice(Evaluation run, object value, CallArguments arguments)
    {
        var bound = arguments.Bind("slice", ["slices", "fill_with"], 1);
        int slices = Numbers.ToIndex(bound[0]!);
        object? fill = bound[1] is JinjaNone ? null : bound[1];
        return new JinjaIterator(Parts());

        IEnumerable<object> Parts()
        {
            var items = Iteration.ToList(value, run.Budget);
            if (slices == 0) throw new JinjaFault(JinjaErrorKind.Runtime, "integer division or modulo by zero");
            int each = slices > 0 ? items.Count / slices : 0, more = slices > 0 ? items.Count % slices : 0;
            for (int i = 0, at = 0; i < slices; i++)
            {
                run.Budget.Items(1);
                int count = each + (i < more ? 1 : 0);
                var part = items.GetRange(at, count);
                at += count;
                if (fill is not null && i >= more) part.Add(fill);
                yield return new JinjaList(part);
            }
        }
    }

    private static object Extreme(Evaluation run, object value, CallArguments arguments, string name, int sign)
    {
        var bound = arguments.Bind(name, ["case_sensitive", "attribute"]);
        var path = AttributePath.Parse(bound[1]);
        var order = Comparison.Sorting(run.Budget);
        object? best = null, bestKey = null;
        foreach (object item in Iteration.Over(value, run.Budget))
        {
            object key = Folded(run, path.Get(run, item), IsSet(bound[0]));
            if (best is not null && order.Compare(key, bestKey!) * sign <= 0) continue;
            (best, bestKey) = (item, key);
        }

        return best ?? new JinjaUndefined("No aggregated item, sequence was empty.");
    }

    private static List<object> Ordered(Evaluation run, List<object> items, Func<object, object> key, bool reverse) =>
        Comparison.Sorted(items, key, run.Budget, reverse);

    private static object Folded(Evaluation run, object value, bool caseSensitive)
    {
        if (caseSensitive || value is not JinjaText text) return value;
        run.Budget.Characters(text.Value.Length);
        return text.Derive(CaseMapping.Lower(text.Value));
    }

    private static bool IsSet(object? flag) => flag is not null && Comparison.IsTrue(flag);
}
