using System.Numerics;

namespace Studio.Core.Text.Jinja.Values;

/// <summary>Python's names of the types of values, for messages.</summary>
internal static class TypeNames
{
    public static string Of(object value) => value switch
    {
        JinjaText { IsMarkup: true } => "Markup",
        JinjaText => "str",
        bool => "bool",
        long or BigInteger => "int",
        double => "float",
        JinjaNone => "NoneType",
        JinjaUndefined => "Undefined",
        JinjaList list => list.IsTuple ? "tuple" : "list",
        JinjaDict => "dict",
        DictView view => view.Part switch { DictPart.Keys => "dict_keys", DictPart.Values => "dict_values", _ => "dict_items" },
        JinjaRange => "range",
        JinjaIterator => "generator",
        JinjaNamespace => "Namespace",
        LoopState => "LoopContext",
        Macro => "Macro",
        JinjaFunction function => function.Type,
        _ => "object",
    };
}
