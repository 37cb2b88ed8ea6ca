using System.Numerics;

namespace Studio.Core.Text.Jinja.Values;

/// <summary>Python's comparisons and truth.</summary>
internal static class Comparison
{
    private const int DeepestNesting = 200;

    public static bool IsTrue(object value) => value switch
    {
        bool flag => flag,
        JinjaText text => text.Value.Length > 0,
        JinjaNone or JinjaUndefined => false,
        long number => number != 0,
        double number => number != 0,
        BigInteger big => !big.IsZero,
        JinjaList list => list.Count > 0,
        JinjaDict dict => dict.Count > 0,
        DictView view => view.Dict.Count > 0,
        JinjaRange range => range.Count > 0,
        LoopState loop => loop.Length > 0,
        _ => true,
    };

    public static bool AreEqual(object left, object right) => AreEqual(left, right, null, 0);

    public static bool AreEqual(object left, object right, Budget? budget, int depth = 0)
    {
        if (depth > DeepestNesting) throw JinjaFault.Limit($"values nested more than {DeepestNesting} levels deep");
        budget?.Step();
        if (left is JinjaText a && right is JinjaText b) return string.Equals(a.Value, b.Value, StringComparison.Ordinal);
        if (Numbers.IsNumber(left) && Numbers.IsNumber(right)) return Order(left, right) == 0;
        if (left is JinjaList first && right is JinjaList second)
        {
            if (first.IsTuple != second.IsTuple || first.Count != second.Count) return false;
            for (int i = 0; i < first.Count; i++)
                if (!AreEqual(first.Items[i], second.Items[i], budget, depth + 1)) return false;
            return true;
        }

        if (left is JinjaDict dict && right is JinjaDict other)
        {
            if (dict.Count != other.Count) return false;
            foreach (var (key, value) in dict.Entries)
                if (!other.TryGet(key, out object? match) || !AreEqual(value, match, budget, depth + 1)) return false;
            return true;
        }

        if (left is JinjaRange x && right is JinjaRange y)
            return x.Count == y.Count && (x.Count == 0 || (x.Start == y.Start && (x.Count == 1 || x.Step == y.Step)));
        return ReferenceEquals(left, right) || (left is JinjaUndefined && right is JinjaUndefined);
    }

    /// <summary>One of <c>&lt; &lt;= &gt; &gt;=</c>.</summary>
    public static bool IsOrdered(string sign, object left, object right, Budget budget)
    {
        if (left is JinjaUndefined first) throw first.Fault();
        if (right is JinjaUndefined second) throw second.Fault();
        if (left is double or long or bool or BigInteger && Numbers.IsNumber(right))
        {
            if ((left is double x && double.IsNaN(x)) || (right is double y && double.IsNaN(y))) return false;
        }

        int order = Compare(left, right, sign, budget, 0);
        return sign switch { "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
    }

    /// <summary>The items in the order of their keys; equal ones keep theirs, also in reverse, as Python's sorted() keeps it.</summary>
    public static List<T> Sorted<T>(IEnumerable<T> items, Func<T, object> key, Budget budget, bool reverse = false)
    {
        var keyed = items.Select(item => (Item: item, Key: key(item))).ToList();
        var order = Sorting(budget);
        try
        {
            return [.. (reverse ? keyed.OrderByDescending(entry => entry.Key, order) : keyed.OrderBy(entry => entry.Key, order)).Select(entry => entry.Item)];
        }
        catch (InvalidOperationException wrapped) when (wrapped.InnerException is JinjaFault fault)
        {
            // .NET's sort wraps what its comparer throws.
            throw new JinjaFault(fault.Kind, fault.Message);
        }
    }

    /// <summary>A comparer of values, as max() and min() need it.</summary>
    public static IComparer<object> Sorting(Budget budget) => Comparer<object>.Create((left, right) =>
    {
        if (left is JinjaUndefined first) throw first.Fault();
        if (right is JinjaUndefined second) throw second.Fault();
        return Compare(left, right, "<", budget, 0);
    });

    /// <summary>Whether a container holds a value (<c>in</c>).</summary>
    public static bool Contains(object container, object item, Budget budget)
    {
        switch (container)
        {
            case JinjaText text:
                if (item is JinjaUndefined undefined) throw undefined.Fault();
                if (item is not JinjaText part) throw JinjaFault.Type($"'in <string>' requires string as left operand, not {TypeNames.Of(item)}");
                budget.Scan(text.Value.Length + (long)part.Value.Length);
                return text.Value.Contains(part.Value, StringComparison.Ordinal);
            case JinjaDict dict:
                return dict.TryGet(item, out _);
            case DictView { Part: DictPart.Keys } keys:
                return keys.Dict.TryGet(item, out _);
            case JinjaRange range when Numbers.IsInteger(item):
                var offset = Numbers.ToBig(item) - range.Start;
                return (offset % range.Step).IsZero && offset / range.Step >= 0 && offset / range.Step < range.Count;
            default:
                if (container is JinjaNone || Numbers.IsNumber(container) || container is JinjaCallable or JinjaNamespace)
                    throw JinjaFault.Type($"argument of type '{TypeNames.Of(container)}' is not iterable");
                return Iteration.Over(container, budget).Any(candidate => AreEqual(candidate, item, budget));
        }
    }

    private static int Compare(object left, object right, string sign, Budget budget, int depth)
    {
        if (depth > DeepestNesting) throw JinjaFault.Limit($"values nested more than {DeepestNesting} levels deep");
        budget.Step();
        if (left is JinjaText a && right is JinjaText b)
        {
            budget.Scan(Math.Min(a.Value.Length, b.Value.Length));
            return CodePoints.Compare(a.Value, b.Value);
        }

        if (Numbers.IsNumber(left) && Numbers.IsNumber(right)) return Order(left, right);
        if (left is JinjaList first && right is JinjaList second && first.IsTuple == second.IsTuple)
        {
            for (int i = 0; i < Math.Min(first.Count, second.Count); i++)
                if (!AreEqual(first.Items[i], second.Items[i], budget, depth)) return Compare(first.Items[i], second.Items[i], sign, budget, depth + 1);
            return first.Count - second.Count;
        }

        throw JinjaFault.Type($"'{sign}' not supported between instances of '{TypeNames.Of(left)}' and '{TypeNames.Of(right)}'");
    }

    private static int Order(object left, object right)
    {
        if (left is long a && right is long b) return a.CompareTo(b);
        if (left is not double && right is not double) return Numbers.ToBig(left).CompareTo(Numbers.ToBig(right));
        if (left is double x && right is double y) return double.IsNaN(x) || double.IsNaN(y) ? 2 : x.CompareTo(y);
        // An int and a float are compared exactly.
        double number = left is double l ? l : (double)right;
        if (double.IsNaN(number)) return 2;
        var whole = Numbers.ToBig(left is double ? right : left);
        int order = double.IsInfinity(number) ? -Math.Sign(number) : whole.CompareTo(new BigInteger(Math.Floor(number)));
        if (order == 0 && number != Math.Floor(number)) order = -1;
        return left is double ? -order : order;
    }
}
