using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Studio.Core.Adapters.Methods;
using Studio.Core.Models;

namespace Studio.Core.Adapters;

/// <summary>Declares settings whose value differs by module, and settings that PEFT writes either as true and false or as a word.</summary>
internal static class ModuleSettings<TSpec>
    where TSpec : AdapterSpec, new()
{
    /// <summary>Whole numbers by module name pattern.</summary>
    public static MethodSetting Whole(string key, string noun, Func<TSpec, IReadOnlyDictionary<string, int>> get, Func<TSpec, Dictionary<string, int>, TSpec> with, int minimum, int maximum) =>
        Pattern(key, get, with, value => value.TryGetInt32(out int number) ? number : null, value => JsonValue.Create(value),
            noun, value => value >= minimum && value <= maximum, $"{minimum} to {maximum}");

    /// <summary>Numbers above 0 by module name pattern.</summary>
    public static MethodSetting Positive(string key, string noun, Func<TSpec, IReadOnlyDictionary<string, double>> get, Func<TSpec, Dictionary<string, double>, TSpec> with) =>
        Pattern(key, get, with, value => value.GetDouble(), value => MethodSettings<TSpec>.JsonNumber(value), noun, value => value > 0 && double.IsFinite(value), "a number above 0");

    /// <summary>One of a few words, where <c>true</c> and <c>false</c> stand in the file as such and not as texts.</summary>
    public static MethodSetting Variant(string key, string label, string help, IReadOnlyList<string> choices, Func<TSpec, string> get, Func<TSpec, string, TSpec> with)
    {
        return MethodSettings<TSpec>.Choice(key, label, help, choices, get, with, advanced: true) with
        {
            Read = (config, spec) => config.Raw(key) is { } found ? with((TSpec)spec, Word(found) ?? throw config.Wrong(key, found, string.Join(", ", choices))) : spec,
            Write = spec => get((TSpec)spec) is "true" or "false" ? JsonNode.Parse(get((TSpec)spec)) : JsonValue.Create(get((TSpec)spec)),
        };

        static string? Word(JsonElement value) => value.ValueKind switch
        {
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            JsonValueKind.String => value.GetString(),
            _ => null,
        };
    }

    private static MethodSetting Pattern<T>(string key, Func<TSpec, IReadOnlyDictionary<string, T>> get, Func<TSpec, Dictionary<string, T>, TSpec> with,
        Func<JsonElement, T?> read, Func<T, JsonNode> write, string noun, Func<T, bool> fits, string expected)
        where T : struct => new()
    {
        Key = key,
        Read = (config, spec) => config.Raw(key) is { ValueKind: JsonValueKind.Object } entries
            ? with((TSpec)spec, entries.EnumerateObject().ToDictionary(entry => entry.Name,
                entry => (entry.Value.ValueKind == JsonValueKind.Number ? read(entry.Value) : null) ?? throw config.Wrong($"{key}.{entry.Name}", entry.Value, expected)))
            : spec,
        Write = spec => new JsonObject(get((TSpec)spec).Select(entry => KeyValuePair.Create<string, JsonNode?>(entry.Key, write(entry.Value)))),
        Problems = spec =>
        [
            .. get((TSpec)spec).Where(entry => !fits(entry.Value)).Select(entry => FormattableString.Invariant($"The {noun} of pattern '{entry.Key}' is {entry.Value}; expected {expected}.")),
            .. get((TSpec)spec).Keys.Where(pattern => !ModulePattern.IsExpression(pattern)).Select(pattern => $"The pattern '{pattern}' is not a regular expression; expected one over module names."),
        ],
    };
}

/// <summary>
/// The older of PEFT's two rules for settings per module (FourierFT, C3A): an expression matches after a dot up to the end of the name, or it is
/// the whole name. Other methods follow <see cref="ModulePattern"/>.
/// </summary>
internal static class SuffixPattern
{
    public static T Lookup<T>(IReadOnlyDictionary<string, T> patterns, string module, T fallback)
    {
        foreach (var (key, value) in patterns)
            if (Regex.IsMatch(module, $@"^(?:.*\.{key}$)", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1))) return value;
        return patterns.TryGetValue(module, out var own) ? own : fallback;
    }
}

/// <summary>Checks settings against every targeted module.</summary>
internal static class TargetProblems
{
    /// <summary>The problems so far, or, where there are none, those of single modules.</summary>
    public static IReadOnlyList<string> Of(TargetedSpec spec, ModuleMap modules, IReadOnlyList<string> problems, Func<ModuleTarget, string?> problemOf) =>
        problems.Count > 0 ? problems : [.. spec.Select(modules).Select(problemOf).OfType<string>()];
}
