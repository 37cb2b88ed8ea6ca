using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Studio.Core.Models;

namespace Studio.Core.Adapters;

/// <summary>Declares the settings of one method.</summary>
public static class MethodSettings<TSpec>
    where TSpec : AdapterSpec, new()
{
    /// <summary>A whole number within bounds.</summary>
    /// <param name="key">PEFT's key.</param>
    /// <param name="label">Name on forms and in messages.</param>
    /// <param name="help">What it does.</param>
    /// <param name="get">Its value.</param>
    /// <param name="with">The settings with another value.</param>
    /// <param name="minimum">Smallest value.</param>
    /// <param name="maximum">Largest value.</param>
    /// <param name="absent">What PEFT takes where the key is absent; null = this studio's default.</param>
    /// <param name="advanced">Whether most people never need it.</param>
    public static MethodSetting Whole(string key, string label, string help, Func<TSpec, int> get, Func<TSpec, int, TSpec> with, int minimum, int maximum, int? absent = null, bool advanced = false) => new()
    {
        Key = key,
        Read = (config, spec) => with((TSpec)spec, config.Int(key, absent ?? get(new TSpec()))),
        Write = spec => JsonValue.Create(get((TSpec)spec)),
        Problems = spec => get((TSpec)spec) is var value && value >= minimum && value <= maximum ? [] : [Invariant($"{label} is {value}; expected {minimum} to {maximum}.")],
        Field = new SettingField(label, help, SettingKind.Whole, spec => get((TSpec)spec), (spec, value) => with((TSpec)spec, (int)value!)) { Advanced = advanced },
    };

    /// <summary>A number above 0.</summary>
    public static MethodSetting Positive(string key, string label, string help, Func<TSpec, double> get, Func<TSpec, double, TSpec> with, double? absent = null, bool advanced = false) =>
        Number(key, label, help, get, with, value => value > 0 && double.IsFinite(value), "a number above 0", absent, advanced);

    /// <summary>A probability below 1.</summary>
    public static MethodSetting Probability(string key, string label, string help, Func<TSpec, double> get, Func<TSpec, double, TSpec> with) =>
        Number(key, label, help, get, with, value => value >= 0 && value < 1, "at least 0 and below 1", absent: 0, advanced: false, isFloat: true);

    /// <summary>A number with a condition.</summary>
    /// <param name="key">PEFT's key.</param>
    /// <param name="label">Name on forms and in messages.</param>
    /// <param name="help">What it does.</param>
    /// <param name="get">Its value.</param>
    /// <param name="with">The settings with another value.</param>
    /// <param name="fits">Which values are right.</param>
    /// <param name="expected">Those in words.</param>
    /// <param name="absent">What PEFT takes where the key is absent; null = this studio's default.</param>
    /// <param name="advanced">Whether most people never need it.</param>
    /// <param name="isFloat">Whether PEFT writes it with a fraction even where it is whole, as Python writes a float.</param>
    public static MethodSetting Number(string key, string label, string help, Func<TSpec, double> get, Func<TSpec, double, TSpec> with, Func<double, bool> fits, string expected,
        double? absent = null, bool advanced = false, bool isFloat = false) => new()
    {
        Key = key,
        Read = (config, spec) => with((TSpec)spec, config.Number(key, absent ?? get(new TSpec()))),
        Write = spec => JsonNumber(get((TSpec)spec), isFloat),
        Problems = spec => fits(get((TSpec)spec)) ? [] : [Invariant($"{label} is {get((TSpec)spec)}; expected {expected}.")],
        Field = new SettingField(label, help, SettingKind.Number, spec => get((TSpec)spec), (spec, value) => with((TSpec)spec, (double)value!)) { Advanced = advanced },
    };

    /// <summary>Yes or no.</summary>
    public static MethodSetting Flag(string key, string label, string help, Func<TSpec, bool> get, Func<TSpec, bool, TSpec> with, bool absent = false, bool advanced = false) => new()
    {
        Key = key,
        Read = (config, spec) => with((TSpec)spec, config.Flag(key, absent)),
        Write = spec => JsonValue.Create(get((TSpec)spec)),
        Field = new SettingField(label, help, SettingKind.Flag, spec => get((TSpec)spec), (spec, value) => with((TSpec)spec, (bool)value!)) { Advanced = advanced },
    };

    /// <summary>One of a few words.</summary>
    /// <param name="key">PEFT's key.</param>
    /// <param name="label">Name on forms and in messages.</param>
    /// <param name="help">What it does.</param>
    /// <param name="choices">The words, as PEFT spells them.</param>
    /// <param name="get">Its value.</param>
    /// <param name="with">The settings with another value.</param>
    /// <param name="absent">What PEFT takes where the key is absent; null = this studio's default.</param>
    /// <param name="advanced">Whether most people never need it.</param>
    public static MethodSetting Choice(string key, string label, string help, IReadOnlyList<string> choices, Func<TSpec, string> get, Func<TSpec, string, TSpec> with, string? absent = null, bool advanced = false) => new()
    {
        Key = key,
        Read = (config, spec) => with((TSpec)spec, config.Text(key) ?? absent ?? get(new TSpec())),
        Write = spec => JsonValue.Create(get((TSpec)spec)),
        Problems = spec => choices.Contains(get((TSpec)spec)) ? [] : [$"{label} is '{get((TSpec)spec)}'; expected one of {string.Join(", ", choices)}."],
        Field = new SettingField(label, help, SettingKind.Choice, spec => get((TSpec)spec), (spec, value) => with((TSpec)spec, (string)value!)) { Choices = choices, Advanced = advanced },
    };

    /// <summary>A value that PEFT writes and that this method has only one way to honour; another value is refused.</summary>
    /// <param name="key">PEFT's key.</param>
    /// <param name="value">The value as JSON, for example <c>false</c>; null too is accepted on reading.</param>
    /// <param name="alsoFine">Other values that mean the same.</param>
    public static MethodSetting Fixed(string key, string value, params string[] alsoFine) => new()
    {
        Key = key,
        Read = (config, spec) =>
        {
            if (config.Raw(key) is not { } found || Same(found, value) || alsoFine.Any(other => Same(found, other))) return spec;
            throw new NotSupportedException($"'{config.Source}': {key} is {Excerpt.Of(found.ToString())}, which is not supported for {AdapterMethods.Named(spec.Method).Title}; expected {value.Trim('"')}.");
        },
        Write = _ => JsonNode.Parse(value),
    };

    /// <summary>A value that does not change what the adapter computes: written as PEFT does by default, whatever was read.</summary>
    public static MethodSetting Note(string key, string value) => new() { Key = key, Write = _ => JsonNode.Parse(value) };

    /// <summary>Seed of what is derived at random.</summary>
    public static MethodSetting Seed(string key, string label, string help, Func<TSpec, int> get, Func<TSpec, int, TSpec> with, int? absent = null) =>
        Whole(key, label, help, get, with, 0, int.MaxValue, absent, advanced: true);

    /// <summary>A number as Python writes it: whole numbers without a fraction, or with one where the value is a float there.</summary>
    public static JsonNode JsonNumber(double value, bool isFloat = false) =>
        value == Math.Floor(value) && Math.Abs(value) < 1e15
            ? isFloat ? JsonNode.Parse(value.ToString("0.0", CultureInfo.InvariantCulture))! : JsonValue.Create((long)value)
            : JsonValue.Create(value);

    private static bool Same(JsonElement found, string value)
    {
        using var expected = JsonDocument.Parse(value);
        return JsonElement.DeepEquals(found, expected.RootElement)
            || (found.ValueKind == JsonValueKind.String && expected.RootElement.ValueKind is JsonValueKind.False or JsonValueKind.True
                && string.Equals(found.GetString(), value, StringComparison.OrdinalIgnoreCase));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Settings that several methods share.</summary>
public static class SharedSettings
{
    /// <summary>Modules trained as a whole (PEFT <c>modules_to_save</c>).</summary>
    public static MethodSetting ModulesToSave { get; } = new()
    {
        Key = "modules_to_save",
        Read = (config, spec) => spec with { ModulesToSave = config.Texts("modules_to_save") },
        Write = spec => spec.ModulesToSave.Count == 0 ? null : Texts(spec.ModulesToSave),
        Field = new SettingField("Modules trained as a whole", "Names of modules that are trained completely beside the method, for example lm_head or norm. Leave empty unless new tokens or a new task need them.",
            SettingKind.Text, spec => string.Join(", ", spec.ModulesToSave), (spec, value) => spec with { ModulesToSave = Split((string?)value) }) { Advanced = true },
    };

    /// <summary>Target modules (PEFT <c>target_modules</c>).</summary>
    public static MethodSetting TargetModules { get; } = new()
    {
        Key = "target_modules",
        Read = (config, spec) => config.Raw("target_modules") is { ValueKind: JsonValueKind.String } pattern
            ? Retarget(spec, targets => targets with { Pattern = pattern.GetString(), Names = [] })
            : Retarget(spec, targets => targets with { Pattern = null, Names = config.Texts("target_modules") }),
        Write = spec => ((TargetedSpec)spec).Targets is { Pattern: { } pattern } ? JsonValue.Create(pattern) : Texts(((TargetedSpec)spec).Targets.Names),
    };

    /// <summary>Modules left out (PEFT <c>exclude_modules</c>).</summary>
    public static MethodSetting ExcludedModules { get; } = new()
    {
        Key = "exclude_modules",
        Read = (config, spec) => config.Raw("exclude_modules") is { ValueKind: JsonValueKind.String } pattern
            ? Retarget(spec, targets => targets with { ExcludedPattern = pattern.GetString() })
            : Retarget(spec, targets => targets with { Excluded = config.Texts("exclude_modules") }),
        Write = spec => ((TargetedSpec)spec).Targets is { ExcludedPattern: { } pattern } ? JsonValue.Create(pattern)
            : ((TargetedSpec)spec).Targets.Excluded is { Count: > 0 } names ? Texts(names) : null,
    };

    /// <summary>Only these blocks (PEFT <c>layers_to_transform</c>).</summary>
    public static MethodSetting Blocks { get; } = new()
    {
        Key = "layers_to_transform",
        Read = (config, spec) => Retarget(spec, targets => targets with { Blocks = config.Ints("layers_to_transform") }),
        Write = spec => ((TargetedSpec)spec).Targets.Blocks is { Count: > 0 } blocks ? new JsonArray([.. blocks.Select(block => JsonValue.Create(block))]) : null,
    };

    /// <summary>What the list of blocks is called (PEFT <c>layers_pattern</c>).</summary>
    public static MethodSetting BlockLists { get; } = new()
    {
        Key = "layers_pattern",
        Read = (config, spec) => Retarget(spec, targets => targets with { BlockLists = config.Raw("layers_pattern") is { ValueKind: JsonValueKind.String } one ? [one.GetString()!] : config.Texts("layers_pattern") }),
        Write = spec => ((TargetedSpec)spec).Targets.BlockLists is { Count: > 0 } lists ? (lists.Count == 1 ? JsonValue.Create(lists[0]) : Texts(lists)) : null,
    };

    /// <summary>PEFT's note on transposed storage (PEFT <c>fan_in_fan_out</c>).</summary>
    public static MethodSetting FanInFanOut { get; } = new()
    {
        Key = "fan_in_fan_out",
        Read = (config, spec) => (TargetedSpec)spec with { FanInFanOut = config.Flag("fan_in_fan_out", false) },
        Write = spec => ((TargetedSpec)spec).FanInFanOut,
    };

    /// <summary>The five that say where a method acts, and the modules trained beside it.</summary>
    public static IReadOnlyList<MethodSetting> Targeting { get; } = [TargetModules, ExcludedModules, Blocks, BlockLists, ModulesToSave];

    /// <summary>Which biases are trained (PEFT <c>bias</c>).</summary>
    /// <param name="prefix">How PEFT begins its word for the targets' biases, for example <c>lora</c> in <c>lora_only</c>.</param>
    public static MethodSetting Bias(string prefix)
    {
        string targetsOnly = prefix + "_only";
        return new MethodSetting
        {
            Key = "bias",
            Read = (config, spec) => (TargetedSpec)spec with { Bias = Parse(config, config.Text("bias") ?? "none") },
            Write = spec => Word(spec),
            Field = new SettingField("Biases", "Which biases of the base are trained too. None is usual.", SettingKind.Choice, Word, (spec, value) => (TargetedSpec)spec with { Bias = Named((string)value!) ?? BiasTraining.None })
            {
                Choices = ["none", targetsOnly, "all"],
                Advanced = true,
            },
        };

        string Word(AdapterSpec spec) => ((TargetedSpec)spec).Bias switch { BiasTraining.All => "all", BiasTraining.TargetsOnly => targetsOnly, _ => "none" };

        BiasTraining? Named(string word) => word == "none" ? BiasTraining.None : word == "all" ? BiasTraining.All : word == targetsOnly ? BiasTraining.TargetsOnly : null;

        BiasTraining Parse(ConfigReader config, string word) => Named(word) ?? throw config.Wrong("bias", word, $"none, all or {targetsOnly}");
    }

    /// <summary>A list of texts as JSON.</summary>
    public static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)JsonValue.Create(text))]);

    /// <summary>A list of texts from a form: separated by commas.</summary>
    internal static string[] Split(string? text) => (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static TargetedSpec Retarget(AdapterSpec spec, Func<TargetSelection, TargetSelection> change) =>
        (TargetedSpec)spec with { Targets = change(((TargetedSpec)spec).Targets) };
}
