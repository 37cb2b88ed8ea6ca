using System.Text.Json;
using System.Text.Json.Nodes;
using Studio.Core.Models;

namespace Studio.Core.Adapters;

/// <summary>LoRA's part of PEFT's adapter_config.json (<c>LoraConfig</c>).</summary>
internal static class LoraConfigFile
{
    // Settings that change the result and that this method does not implement, with the only value that is accepted.
    private static readonly (string Key, string Neutral)[] Unsupported =
    [
        ("use_dora", "false"), ("use_qalora", "false"), ("lora_bias", "false"), ("bias", "none"),
        ("modules_to_save", "null"), ("layer_replication", "null"), ("target_parameters", "null"), ("trainable_token_indices", "null"),
        ("alora_invocation_tokens", "null"), ("arrow_config", "null"), ("megatron_config", "null"),
    ];

    public static AdapterSpec Read(ConfigReader config)
    {
        foreach (var (key, neutral) in Unsupported)
        {
            string found = config.Raw(key)?.ToString() ?? "null";
            if (found is not "null" and not "" && !string.Equals(found, neutral, StringComparison.OrdinalIgnoreCase))
                throw new NotSupportedException($"'{config.Source}': {key} is {found}, which is not supported for LoRA; expected {neutral}.");
        }
        return new LoraSpec
        {
            Rank = config.Int("r", 8),
            Alpha = config.Number("lora_alpha", 8),
            Dropout = config.Number("lora_dropout", 0),
            UseRsLora = config.Flag("use_rslora", false),
            FanInFanOut = config.Flag("fan_in_fan_out", false),
            Targets = ReadTargets(config),
            RankPattern = Pattern(config, "rank_pattern", value => value.GetInt32()),
            AlphaPattern = Pattern(config, "alpha_pattern", value => value.GetDouble()),
        };
    }

    public static void Write(AdapterSpec spec, JsonObject config)
    {
        var lora = (LoraSpec)spec;
        config["alora_invocation_tokens"] = null;
        config["alpha_pattern"] = Pattern(lora.AlphaPattern, value => Number(value));
        config["arrow_config"] = null;
        config["bias"] = "none";
        config["corda_config"] = null;
        config["ensure_weight_tying"] = false;
        config["eva_config"] = null;
        config["exclude_modules"] = lora.Targets.Excluded.Count == 0 ? null : new JsonArray([.. lora.Targets.Excluded.Select(name => JsonValue.Create(name))]);
        config["fan_in_fan_out"] = lora.FanInFanOut;
        config["init_lora_weights"] = true;
        config["layer_replication"] = null;
        config["layers_pattern"] = null;
        config["layers_to_transform"] = lora.Targets.Blocks.Count == 0 ? null : new JsonArray([.. lora.Targets.Blocks.Select(block => JsonValue.Create(block))]);
        config["loftq_config"] = new JsonObject();
        config["lora_alpha"] = Number(lora.Alpha);
        config["lora_bias"] = false;
        config["lora_dropout"] = lora.Dropout;
        config["megatron_config"] = null;
        config["megatron_core"] = "megatron.core";
        config["modules_to_save"] = null;
        config["qalora_group_size"] = 16;
        config["r"] = lora.Rank;
        config["rank_pattern"] = Pattern(lora.RankPattern, value => JsonValue.Create(value));
        config["target_modules"] = lora.Targets.Pattern is { } pattern ? pattern : new JsonArray([.. lora.Targets.Names.Select(name => JsonValue.Create(name))]);
        config["target_parameters"] = null;
        config["trainable_token_indices"] = null;
        config["use_dora"] = false;
        config["use_qalora"] = false;
        config["use_rslora"] = lora.UseRsLora;
    }

    private static TargetSelection ReadTargets(ConfigReader config)
    {
        var targets = config.Raw("target_modules");
        var names = config.Texts("target_modules");
        var blocks = config.Ints("layers_to_transform");
        var excluded = config.Texts("exclude_modules");
        if (config.Raw("exclude_modules") is { ValueKind: JsonValueKind.String } pattern)
            throw new NotSupportedException($"'{config.Source}': exclude_modules is the pattern '{pattern}', which is not supported; expected a list of names.");
        if (blocks.Count > 0 && config.Has("layers_pattern"))
            throw new NotSupportedException($"'{config.Source}': layers_pattern is not supported; expected null.");
        return targets is { ValueKind: JsonValueKind.String }
            ? new TargetSelection { Pattern = targets.Value.GetString(), Excluded = excluded, Blocks = blocks }
            : new TargetSelection { Names = names, Excluded = excluded, Blocks = blocks };
    }

    // PEFT writes whole alphas as integers.
    private static JsonValue Number(double value) => value == Math.Floor(value) && Math.Abs(value) < 1e9 ? JsonValue.Create((long)value) : JsonValue.Create(value);

    private static Dictionary<string, T> Pattern<T>(ConfigReader config, string key, Func<JsonElement, T> read) =>
        config.Raw(key) is not { ValueKind: JsonValueKind.Object } entries ? []
            : entries.EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.ValueKind == JsonValueKind.Number
                ? read(entry.Value)
                : throw config.Wrong($"{key}.{entry.Name}", entry.Value, "a number"));

    private static JsonObject Pattern<T>(IReadOnlyDictionary<string, T> entries, Func<T, JsonNode> write) =>
        new(entries.Select(entry => KeyValuePair.Create<string, JsonNode?>(entry.Key, write(entry.Value))));
}
