using System.Text.Json;
using System.Text.Json.Nodes;
using Studio.Core.Models;
using static Studio.Core.Adapters.MethodSettings<Studio.Core.Adapters.Methods.AdaLoraSpec>;

namespace Studio.Core.Adapters.Methods;

/// <summary>AdaLoRA's settings, as PEFT's <c>AdaLoraConfig</c> names them.</summary>
internal static class AdaLoraSettings
{
    private const int MostSteps = 100_000_000;

    public static IReadOnlyList<MethodSetting> All { get; } =
    [
        Whole("init_r", "Initial rank", "Rank of every module at the start. One and a half times the final rank is usual.",
            spec => spec.InitialRank, (spec, value) => spec with { InitialRank = value }, 1, LoraSpec.MaximumRank, absent: 12),
        Whole("target_r", "Final rank", "Mean rank of the modules at the end. Modules that matter more keep more.",
            spec => spec.TargetRank, (spec, value) => spec with { TargetRank = value }, 1, LoraSpec.MaximumRank, absent: 8),
        Positive("lora_alpha", "Alpha", "Strength of the update: it is scaled by alpha / initial rank.",
            spec => spec.Alpha, (spec, value) => spec with { Alpha = value }, absent: 8),
        Probability("lora_dropout", "Dropout", "Part of the update's inputs that is dropped at random while training. 0 for most datasets, 0.05 to 0.1 against memorising a small one.",
            spec => spec.Dropout, (spec, value) => spec with { Dropout = value }),
        Whole("tinit", "First steps", "Steps before ranks begin to fall: a tenth of the run lets every module show what it is worth.",
            spec => spec.FirstSteps, (spec, value) => spec with { FirstSteps = value }, 0, MostSteps, absent: 0),
        Whole("tfinal", "Last steps", "Steps after the ranks are settled. A fifth to a half of the run.",
            spec => spec.LastSteps, (spec, value) => spec with { LastSteps = value }, 0, MostSteps, absent: 0),
        Whole("total_step", "Total steps", "Steps of the whole training, by which the ranks fall. 0 takes those of the run.",
            spec => spec.TotalSteps, (spec, value) => spec with { TotalSteps = value }, 0, MostSteps, absent: 0, advanced: true),
        Whole("deltaT", "Interval", "Steps between two allocations of ranks. 1 to 100.",
            spec => spec.Interval, (spec, value) => spec with { Interval = value }, 1, MostSteps, absent: 1, advanced: true),
        Number("beta1", "Beta 1", "How slowly the importance of a value follows its steps, 0 to 1. 0.85 is the paper's.",
            spec => spec.Beta1, (spec, value) => spec with { Beta1 = value }, value => value > 0 && value < 1, "above 0 and below 1", absent: 0.85, advanced: true, isFloat: true),
        Number("beta2", "Beta 2", "How slowly the uncertainty of the importance follows, 0 to 1. 0.85 is the paper's.",
            spec => spec.Beta2, (spec, value) => spec with { Beta2 = value }, value => value > 0 && value < 1, "above 0 and below 1", absent: 0.85, advanced: true, isFloat: true),
        Number("orth_reg_weight", "Orthogonality", "Weight of the orthogonality of the factors in the loss, at least 0. 0.1 to 0.5.",
            spec => spec.OrthogonalityWeight, (spec, value) => spec with { OrthogonalityWeight = value }, value => value >= 0 && double.IsFinite(value), "at least 0", absent: 0.5, advanced: true, isFloat: true),
        Flag("init_lora_weights", "Start at zero", "Whether the update starts at zero. Off: at random, so that the start differs from the base.",
            spec => spec.StartsAtZero, (spec, value) => spec with { StartsAtZero = value }, absent: true, advanced: true),
        .. SharedSettings.Targeting,
        SharedSettings.Bias("lora"),
        SharedSettings.FanInFanOut,
        TokenSelection.Setting(spec => ((AdaLoraSpec)spec).Tokens, (spec, tokens) => (AdaLoraSpec)spec with { Tokens = tokens }),
        Whole("r", "r", "", spec => spec.UnusedRank, (spec, value) => spec with { UnusedRank = value }, 0, int.MaxValue, absent: 8) with { Field = null },
        new MethodSetting
        {
            Key = "rank_pattern",
            Read = (config, spec) => (AdaLoraSpec)spec with { RankPattern = ReadPattern(config) },
            Write = spec => WritePattern(((AdaLoraSpec)spec).RankPattern),
            Problems = spec => ((AdaLoraSpec)spec).RankPattern.Where(entry => entry.Value.Count != ((AdaLoraSpec)spec).InitialRank)
                .Select(entry => $"The rank pattern of {entry.Key} has {entry.Value.Count} entries; expected the initial rank {((AdaLoraSpec)spec).InitialRank}."),
        },
        Fixed("use_dora", "false"), Fixed("use_qalora", "false"), Fixed("use_rslora", "false", "true"), Fixed("lora_bias", "false"), Fixed("layer_replication", "null", "[]"),
        Fixed("target_parameters", "null", "[]"), Fixed("alora_invocation_tokens", "null"), Fixed("arrow_config", "null"), Fixed("megatron_config", "null"),
        Fixed("ensure_weight_tying", "false"),
        Note("alpha_pattern", "{}"), Note("corda_config", "null"), Note("eva_config", "null"), Note("loftq_config", "{}"), Note("megatron_core", "\"megatron.core\""),
        Note("qalora_group_size", "16"),
    ];

    private static Dictionary<string, IReadOnlyList<bool>> ReadPattern(ConfigReader config)
    {
        if (config.Raw("rank_pattern") is not { ValueKind: JsonValueKind.Object } pattern) return [];
        return pattern.EnumerateObject().ToDictionary(entry => entry.Name, entry => (IReadOnlyList<bool>)[.. Items(entry).Select(item => item.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Wrong(entry),
        })]);

        IEnumerable<JsonElement> Items(JsonProperty entry) => entry.Value.ValueKind == JsonValueKind.Array ? entry.Value.EnumerateArray() : throw Wrong(entry);

        InvalidDataException Wrong(JsonProperty entry) => config.Wrong($"rank_pattern.{entry.Name}", entry.Value, "a list of true and false");
    }

    private static JsonObject? WritePattern(IReadOnlyDictionary<string, IReadOnlyList<bool>> pattern) => pattern.Count == 0 ? null
        : new JsonObject(pattern.Select(entry => KeyValuePair.Create<string, JsonNode?>(entry.Key, new JsonArray([.. entry.Value.Select(kept => (JsonNode)JsonValue.Create(kept))]))));
}
