using System.Text.Json;
using System.Text.Json.Nodes;
using Studio.Core.Models;
using static Studio.Core.Adapters.MethodSettings<Studio.Core.Adapters.Methods.LoraSpec>;

namespace Studio.Core.Adapters.Methods;

/// <summary>LoRA's settings, as PEFT's <c>LoraConfig</c> names them.</summary>
internal static class LoraSettings
{
    public static IReadOnlyList<MethodSetting> All { get; } =
    [
        Whole("r", "Rank", "Width of the update. More rank can learn more and costs memory in proportion. 4 to 16 suits a style, 16 to 64 a task.",
            spec => spec.Rank, (spec, value) => spec with { Rank = value }, 1, LoraSpec.MaximumRank),
        Positive("lora_alpha", "Alpha", "Strength of the update: it is scaled by alpha / rank. Twice the rank is a common choice.",
            spec => spec.Alpha, (spec, value) => spec with { Alpha = value }, absent: 8),
        Probability("lora_dropout", "Dropout", "Part of the update's inputs that is dropped at random while training. 0 for most datasets, 0.05 to 0.1 against memorising a small one.",
            spec => spec.Dropout, (spec, value) => spec with { Dropout = value }),
        Flag("use_rslora", "Rank-stabilised scaling (rsLoRA)", "Scales by alpha / √rank instead, so that large ranks keep learning. Useful from rank 32 on.",
            spec => spec.UseRsLora, (spec, value) => spec with { UseRsLora = value }),
        .. SharedSettings.Targeting,
        SharedSettings.Bias("lora"),
        SharedSettings.FanInFanOut,
        new MethodSetting
        {
            Key = "rank_pattern",
            Read = (config, spec) => (LoraSpec)spec with { RankPattern = Pattern(config, "rank_pattern", value => value.GetInt32()) },
            Write = spec => Pattern(((LoraSpec)spec).RankPattern, value => JsonValue.Create(value)),
        },
        new MethodSetting
        {
            Key = "alpha_pattern",
            Read = (config, spec) => (LoraSpec)spec with { AlphaPattern = Pattern(config, "alpha_pattern", value => value.GetDouble()) },
            Write = spec => Pattern(((LoraSpec)spec).AlphaPattern, value => JsonNumber(value)),
        },
        Fixed("use_dora", "false"), Fixed("use_qalora", "false"), Fixed("lora_bias", "false"), Fixed("layer_replication", "null", "[]"),
        Fixed("target_parameters", "null", "[]"), Fixed("trainable_token_indices", "null", "[]"), Fixed("alora_invocation_tokens", "null"), Fixed("arrow_config", "null"),
        Fixed("megatron_config", "null"), Fixed("ensure_weight_tying", "false"),
        // How the values were initialised does not matter any more once they are stored.
        Note("init_lora_weights", "true"), Note("corda_config", "null"), Note("eva_config", "null"), Note("loftq_config", "{}"), Note("megatron_core", "\"megatron.core\""),
        Note("qalora_group_size", "16"),
    ];

    private static Dictionary<string, T> Pattern<T>(ConfigReader config, string key, Func<JsonElement, T> read) =>
        config.Raw(key) is not { ValueKind: JsonValueKind.Object } entries ? []
            : entries.EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.ValueKind == JsonValueKind.Number
                ? read(entry.Value)
                : throw config.Wrong($"{key}.{entry.Name}", entry.Value, "a number"));

    private static JsonObject Pattern<T>(IReadOnlyDictionary<string, T> entries, Func<T, JsonNode> write) =>
        new(entries.Select(entry => KeyValuePair.Create<string, JsonNode?>(entry.Key, write(entry.Value))));
}
