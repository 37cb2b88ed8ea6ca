using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Studio.Core.Adapters;
using Studio.Core.Runs;
using Studio.Core.Training;

namespace Studio.Web.FineTunes;

/// <summary>One setting of a run in words.</summary>
/// <param name="Group">Run, Adapter or Training.</param>
/// <param name="Label">Its name.</param>
/// <param name="Value">Its value.</param>
public sealed record RunSetting(string Group, string Label, string Value);

/// <summary>Puts all settings of a run into words, whatever its adapter's method.</summary>
public static partial class RunSettings
{
    private static readonly Dictionary<string, string> Labels = new(StringComparer.Ordinal)
    {
        ["MaxSteps"] = "Most steps",
        ["WarmupRatio"] = RunFields.WarmupRatio.Label,
        ["MaxGradientNorm"] = RunFields.Clip.Label,
        ["MaxLength"] = RunFields.MaxLength.Label,
        ["EvalFraction"] = RunFields.EvalFraction.Label,
        ["EvalEverySteps"] = RunFields.EvalEvery.Label,
    };

    /// <summary>All settings, in a fixed order.</summary>
    public static IReadOnlyList<RunSetting> Of(RunRequest request, RunNames names)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(names);
        return
        [
            new("Run", RunFields.Model.Label, names.Model(request.ModelId)),
            new("Run", "Dataset", names.Dataset(request.DatasetId)),
            .. OfAdapter(request.Adapter),
            .. Flatten("Training", JsonSerializer.SerializeToNode(request.Training)),
        ];
    }

    /// <summary>The settings of an adapter alone.</summary>
    public static IReadOnlyList<RunSetting> OfAdapter(AdapterSpec adapter)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        return OfAdapter(adapter, AdapterMethods.Named(adapter.Method));
    }

    /// <summary>The settings of an adapter of a method: each that has a field, where it acts, and what else differs from the method's defaults.</summary>
    public static IReadOnlyList<RunSetting> OfAdapter(AdapterSpec adapter, AdapterMethod method)
    {
        ArgumentNullException.ThrowIfNull(method);
        return
        [
            new("Adapter", RunFields.Adapter.Method.Label, method.Title),
            .. method.Settings.Where(setting => setting.Field is not null).Select(setting => new RunSetting("Adapter", setting.Field!.Label, ValueText(setting.Field.Get(adapter)))).Where(setting => setting.Value.Length > 0),
            .. adapter is TargetedSpec targeted ? [new RunSetting("Adapter", RunFields.Adapter.Targets.Label, TextOf("", JsonSerializer.SerializeToNode(targeted.Targets)))] : Array.Empty<RunSetting>(),
            .. method.Settings.Where(setting => setting is { Field: null, Key: not null } && !SharedSettings.Targeting.Contains(setting) && !JsonNode.DeepEquals(setting.Write(adapter), setting.Write(method.Defaults)))
                .Select(setting => new RunSetting("Adapter", LabelOf(setting.Key!), TextOf("", setting.Write(adapter)))),
        ];
    }

    private static string ValueText(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "on" : "off",
        string text => text,
        _ => TextOf("", JsonSerializer.SerializeToNode(value)),
    };

    // Through JSON, so that a new setting appears without a line here.
    private static IEnumerable<RunSetting> Flatten(string group, JsonNode? settings) => (settings as JsonObject ?? [])
        .Select(property => new RunSetting(group, LabelOf(property.Key), TextOf(property.Key, property.Value)))
        .Where(setting => setting.Value.Length > 0);

    private static string TextOf(string name, JsonNode? value) => (name, value) switch
    {
        (nameof(TrainingSettings.Schedule), JsonValue number) when number.TryGetValue(out int kind) => ((ScheduleKind)kind).ToString(),
        (_, null) => "",
        (_, JsonArray list) => string.Join(", ", list.Select(item => TextOf("", item))),
        (_, JsonObject entries) => string.Join("; ", entries.Select(entry => TextOf("", entry.Value) is { Length: > 0 } text ? EntryText(entry.Key, text) : "").Where(text => text.Length > 0)),
        (_, JsonValue one) => ScalarText(one),
        _ => "",
    };

    // A selection of targets reads as its names or its pattern; what it leaves out or limits is named.
    private static string EntryText(string name, string text) => name is nameof(TargetSelection.Names) or nameof(TargetSelection.Pattern) ? text : $"{LabelOf(name)}: {text}";

    private static string ScalarText(JsonValue value)
    {
        if (value.TryGetValue(out bool flag))
            return flag ? "on" : "off";
        if (value.TryGetValue(out long whole))
            return whole.ToString(CultureInfo.CurrentCulture);
        return value.TryGetValue(out double number) ? number.ToString("0.##########", CultureInfo.CurrentCulture) : value.ToString();
    }

    private static string LabelOf(string name)
    {
        if (Labels.TryGetValue(name, out var label))
            return label;
        var words = WordStart().Replace(name.Replace('_', ' '), match => " " + match.Value.ToLowerInvariant()).Trim();
        return words.Length > 0 ? char.ToUpperInvariant(words[0]) + words[1..] : name;
    }

    [GeneratedRegex("(?<=[a-z0-9])[A-Z]")]
    private static partial Regex WordStart();
}
