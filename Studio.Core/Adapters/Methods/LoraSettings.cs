using System.Text.Json;
using System.Text.Json.Nodes;
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
        Flag("use_dora", "DoRA", "Trains the magnitude of every output apart from its direction (Liu et al. 2024). Often better at small ranks; steps take longer.",
            spec => spec.UseDora, (spec, value) => spec with { UseDora = value }),
        Initialisation,
        .. SharedSettings.Targeting,
        SharedSettings.Bias("lora"),
        Flag("lora_bias", "Bias of the update", "Gives the update a trained bias of its own. Needed for adapters that were extracted from other models; seldom for training.",
            spec => spec.UseBias, (spec, value) => spec with { UseBias = value }, advanced: true),
        Ratio,
        FrozenA,
        TokenSelection.Setting(spec => ((LoraSpec)spec).Tokens, (spec, tokens) => (LoraSpec)spec with { Tokens = tokens }),
        SharedSettings.FanInFanOut,
        // LoraSpec looks at both patterns together.
        ModuleSettings<LoraSpec>.Whole("rank_pattern", "rank", spec => spec.RankPattern, (spec, value) => spec with { RankPattern = value }, 1, LoraSpec.MaximumRank) with { Problems = _ => [] },
        ModuleSettings<LoraSpec>.Positive("alpha_pattern", "alpha", spec => spec.AlphaPattern, (spec, value) => spec with { AlphaPattern = value }) with { Problems = _ => [] },
        Fixed("use_qalora", "false"), Fixed("layer_replication", "null", "[]"),
        new MethodSetting
        {
            Key = "target_parameters",
            Read = (config, spec) => (LoraSpec)spec with { TargetParameters = config.Texts("target_parameters") },
            Write = spec => ((LoraSpec)spec).TargetParameters is { Count: > 0 } names ? SharedSettings.Texts(names) : null,
            Field = new SettingField("Experts", "Projections of the experts of a mixture that are updated too, for example mlp.experts.gate_up_proj, mlp.experts.down_proj. Every expert gets an update of its own: large.",
                SettingKind.Text, spec => string.Join(", ", ((LoraSpec)spec).TargetParameters),
                (spec, value) => (LoraSpec)spec with { TargetParameters = SharedSettings.Split((string?)value) }) { Advanced = true },
        },
        Fixed("alora_invocation_tokens", "null"), Fixed("arrow_config", "null"),
        Fixed("megatron_config", "null"), Fixed("ensure_weight_tying", "false"),
        // What the initialisation was computed from does not matter any more once the values are stored.
        Note("corda_config", "null"), Note("eva_config", "null"), Note("loftq_config", "{}"), Note("megatron_core", "\"megatron.core\""),
        Note("qalora_group_size", "16"),
    ];

    private static MethodSetting Initialisation => new()
    {
        Key = "init_lora_weights",
        Read = (config, spec) => (LoraSpec)spec with
        {
            Initialisation = config.Raw("init_lora_weights") switch
            {
                null or { ValueKind: JsonValueKind.True } => LoraStart.Standard,
                { ValueKind: JsonValueKind.False } => LoraStart.Random,
                { ValueKind: JsonValueKind.String } word => word.GetString()!,
                { } other => throw config.Wrong("init_lora_weights", other, "true, false or a word"),
            },
        },
        Write = spec => ((LoraSpec)spec).Initialisation switch
        {
            LoraStart.Standard => JsonValue.Create(true),
            LoraStart.Random => JsonValue.Create(false),
            var word => JsonValue.Create(word),
        },
        Field = new SettingField("Initialisation", "How the values start. true: the update begins at zero, as usual. gaussian: likewise, with normal values. pissa and olora: from the base's own main directions, "
            + "which often learns faster. orthogonal: with orthogonal factors. false: at random, so that the start differs from the base.",
            SettingKind.Choice, spec => ((LoraSpec)spec).Initialisation, (spec, value) => (LoraSpec)spec with { Initialisation = (string)value! }) { Choices = LoraStart.Words, Advanced = true },
    };

    // The studio's own: PEFT leaves both to whoever builds the optimizer.
    private static MethodSetting Ratio => Number("", "Learning rate ratio (LoRA+)", "How many times faster B learns than A (Hayou et al. 2024). 1 is plain LoRA; 2 to 16 can learn faster, with a smaller learning rate.",
        spec => spec.LearningRateRatio, (spec, value) => spec with { LearningRateRatio = value }, value => value > 0 && value <= 1000, "above 0 and at most 1000", advanced: true)
        with { Key = null, Read = (_, spec) => spec };

    private static MethodSetting FrozenA => Flag("", "Freeze A (LoRA-FA)", "Trains only B (Zhang et al. 2023): half the trainable parameters, and less memory for activations.",
        spec => spec.FreezeA, (spec, value) => spec with { FreezeA = value }, advanced: true)
        with { Key = null, Read = (_, spec) => spec };
}
