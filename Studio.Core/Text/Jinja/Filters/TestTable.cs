using System.Collections.Frozen;
using System.Numerics;
using Studio.Core.Text.Jinja.Formatting;
using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Filters;

/// <summary>A test: what stands behind <c>is</c>.</summary>
internal delegate bool Test(Evaluation run, object value, CallArguments arguments);

/// <summary>The tests of jinja2 3.1.</summary>
internal static class TestTable
{
    private static readonly FrozenDictionary<string, Test> All = new Dictionary<string, Test>(StringComparer.Ordinal)
    {
        ["odd"] = Plain("odd", (run, value) => IsMultiple(run, value, 2L, 1)),
        ["even"] = Plain("even", (run, value) => IsMultiple(run, value, 2L, 0)),
        ["divisibleby"] = With("divisibleby", "num", (run, value, number) => IsMultiple(run, value, number, 0)),
        ["defined"] = Plain("defined", (_, value) => value is not JinjaUndefined),
        ["undefined"] = Plain("undefined", (_, value) => value is JinjaUndefined),
        ["filter"] = Plain("filter", (_, value) => value is JinjaText text && FilterTable.Find(text.Value) is not null),
        ["test"] = Plain("test", (_, value) => value is JinjaText text && Find(text.Value) is not null),
        ["none"] = Plain("none", (_, value) => value is JinjaNone),
        ["boolean"] = Plain("boolean", (_, value) => value is bool),
        ["false"] = Plain("false", (_, value) => value is false),
        ["true"] = Plain("true", (_, value) => value is true),
        ["integer"] = Plain("integer", (_, value) => value is long or BigInteger),
        ["float"] = Plain("float", (_, value) => value is double),
        ["number"] = Plain("number", (_, value) => Numbers.IsNumber(value)),
        ["string"] = Plain("string", (_, value) => value is JinjaText),
        ["mapping"] = Plain("mapping", (_, value) => value is JinjaDict),
        ["sequence"] = Plain("sequence", (_, value) => value is JinjaText or JinjaList or JinjaDict or JinjaRange or JinjaUndefined),
        ["iterable"] = Plain("iterable", (_, value) => Iteration.IsIterable(value)),
        ["callable"] = Plain("callable", (_, value) => value is JinjaCallable or LoopState or JinjaUndefined),
        ["escaped"] = Plain("escaped", (_, value) => value is JinjaText { IsMarkup: true }),
        ["lower"] = Plain("lower", (run, value) => StringMethods.IsCase(FilterTable.Text(run, value), run, CaseMapping.IsLower)),
        ["upper"] = Plain("upper", (run, value) => StringMethods.IsCase(FilterTable.Text(run, value), run, CaseMapping.IsUpper)),
        ["sameas"] = With("sameas", "other", (_, value, other) => IsSame(value, other)),
        ["in"] = With("in", "seq", (run, value, other) => Comparison.Contains(other, value, run.Budget)),
        ["=="] = Equal,
        ["eq"] = Equal,
        ["equalto"] = Equal,
        ["!="] = NotEqual,
        ["ne"] = NotEqual,
        [">"] = Ordered(">"),
        ["gt"] = Ordered(">"),
        ["greaterthan"] = Ordered(">"),
        [">="] = Ordered(">="),
        ["ge"] = Ordered(">="),
        ["<"] = Ordered("<"),
        ["lt"] = Ordered("<"),
        ["lessthan"] = Ordered("<"),
        ["<="] = Ordered("<="),
        ["le"] = Ordered("<="),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static Test Equal => With("eq", "other", (run, value, other) => Comparison.AreEqual(value, other, run.Budget));

    private static Test NotEqual => With("ne", "other", (run, value, other) => !Comparison.AreEqual(value, other, run.Budget));

    public static Test? Find(string name) => All.GetValueOrDefault(name);

    private static Test Plain(string name, Func<Evaluation, object, bool> test) => (run, value, arguments) =>
    {
        arguments.Bind(name, []);
        return test(run, value);
    };

    private static Test With(string name, string parameter, Func<Evaluation, object, object, bool> test) =>
        (run, value, arguments) => test(run, value, arguments.Bind(name, [parameter], 1)[0]!);

    private static Test Ordered(string sign) => With(sign, "other", (run, value, other) => Comparison.IsOrdered(sign, value, other, run.Budget));

    private static bool IsMultiple(Evaluation run, object value, object number, int rest) =>
        Comparison.AreEqual(Arithmetic.Apply("%", value, number, run.Budget), (long)rest);

    /// <summary>Python's <c>is</c>: one object. Small ints, bools and None are always the same ones.</summary>
    private static bool IsSame(object value, object other) => ReferenceEquals(value, other) || value switch
    {
        bool flag => other is bool same && flag == same,
        long number => other is long same && number == same && number is >= -5 and <= 256,
        JinjaText text => other is JinjaText same && text.Value == same.Value && text.Value.Length <= 1,
        _ => false,
    };
}
