namespace Studio.Core.Text.Jinja.Values;

/// <summary>
/// Attributes and items of values as the immutable sandbox of jinja2 gives them: names that start with an underscore and methods that change a
/// list or dict are unsafe; what is not there is undefined.
/// </summary>
internal static class Attributes
{
    private static readonly HashSet<string> ListMutators = ["append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove"];
    private static readonly HashSet<string> DictMutators = ["clear", "pop", "popitem", "setdefault", "update"];

    /// <summary><c>owner.name</c>: the attribute, else the item.</summary>
    public static object Get(Evaluation run, object owner, string name)
    {
        if (owner is JinjaUndefined undefined && !name.StartsWith("__", StringComparison.Ordinal)) throw undefined.Fault();
        return Member(run, owner, name) ?? FindItem(run, owner, (JinjaText)name) ?? JinjaUndefined.Member(owner, (JinjaText)name);
    }

    /// <summary><c>owner[key]</c>: the item, else the attribute.</summary>
    public static object Item(Evaluation run, object owner, object key)
    {
        if (owner is JinjaUndefined undefined) throw undefined.Fault();
        if (FindItem(run, owner, key) is { } item) return item;
        return key is JinjaText name && Member(run, owner, name.Value) is { } member ? member : JinjaUndefined.Member(owner, key);
    }

    /// <summary>Only the attribute, as the attr filter looks it up.</summary>
    public static object Only(Evaluation run, object owner, string name)
    {
        if (owner is JinjaUndefined undefined && !name.StartsWith("__", StringComparison.Ordinal)) throw undefined.Fault();
        return Member(run, owner, name) ?? JinjaUndefined.Member(owner, (JinjaText)name);
    }

    private static object? Member(Evaluation run, object owner, string name)
    {
        // Every Python object has these; nothing of them is ever shown.
        if (name.StartsWith("__", StringComparison.Ordinal) && name.EndsWith("__", StringComparison.Ordinal) && name.Length > 4)
        {
            // An undefined value has only what every object has; asking it for more fails as every use of it does.
            if (owner is JinjaUndefined undefined && !ObjectSpecials.Contains(name)) throw undefined.Fault();
            return ObjectSpecials.Contains(name) || OtherSpecials.Contains(name) ? JinjaUndefined.Unsafe(owner, name) : null;
        }

        switch (owner)
        {
            case JinjaText text:
                return StringMethods.Find(text, name);
            case JinjaList list:
                if (!list.IsTuple && ListMutators.Contains(name)) return JinjaUndefined.Unsafe(owner, name);
                return CollectionMethods.OfSequence(list, name);
            case JinjaDict dict:
                if (DictMutators.Contains(name)) return JinjaUndefined.Unsafe(owner, name);
                return CollectionMethods.OfDict(dict, name);
            case JinjaRange range:
                return CollectionMethods.OfRange(range, name);
            case LoopState loop:
                return loop.Attribute(run, name);
            case Macro macro:
                return macro.Attribute(name);
            case JinjaNamespace space:
                return space.Has(name) ? space[name] : null;
            case Cycler cycler:
                return cycler.Attribute(name);
            default:
                return NumberMethods.Find(owner, name);
        }
    }

    private static object? FindItem(Evaluation run, object owner, object key)
    {
        switch (owner)
        {
            case JinjaDict dict:
                try
                {
                    return dict.TryGet(key, out object? value) ? value : null;
                }
                catch (JinjaFault fault) when (fault.Kind == JinjaErrorKind.Runtime)
                {
                    // An unhashable key is a TypeError, which jinja2 takes for "not there".
                    return null;
                }

            case JinjaNamespace space when key is JinjaText name:
                return space.Has(name.Value) ? space[name.Value] : null;
            case JinjaText or JinjaList or JinjaRange when Numbers.IsInteger(key):
                long count = Iteration.Length(owner), index = Numbers.ToIndex(key);
                if (index < 0) index += count;
                if (index < 0 || index >= count) return null;
                if (owner is JinjaList list) return list.Items[(int)index];
                if (owner is JinjaRange range) return range[(int)index];
                var text = (JinjaText)owner;
                run.Budget.Scan(text.IsFlat ? 0 : text.Value.Length);
                int at = CodePoints.Offset(text, (int)index);
                return text.Slice(at, at + CodePoints.Width(text.Value, at));
            default:
                return null;
        }
    }

    private static readonly HashSet<string> ObjectSpecials =
    [
        "__class__", "__delattr__", "__dir__", "__doc__", "__eq__", "__format__", "__ge__", "__getattribute__", "__getstate__", "__gt__", "__hash__",
        "__init__", "__init_subclass__", "__le__", "__lt__", "__ne__", "__new__", "__reduce__", "__reduce_ex__", "__repr__", "__setattr__",
        "__sizeof__", "__str__", "__subclasshook__",
    ];

    private static readonly HashSet<string> OtherSpecials =
    [
        "__add__", "__contains__", "__getitem__", "__iter__", "__len__", "__mul__", "__call__",
        "__globals__", "__code__", "__closure__", "__func__", "__self__", "__module__", "__name__", "__dict__", "__bases__", "__base__", "__mro__",
        "__subclasses__", "__builtins__", "__import__", "__html__", "__mod__", "__rmod__", "__defaults__", "__kwdefaults__", "__qualname__",
    ];
}
