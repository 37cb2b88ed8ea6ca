namespace Studio.Core.Models.Families;

/// <summary>What is refused in any family's config.</summary>
internal static class ConfigChecks
{
    // Far beyond any model: a config must not make the studio count for minutes before the files are looked at.
    private const int MaximumBlocks = 4096;
    private const int MaximumHeads = 65_536;
    private const int MaximumExperts = 65_536;

    public static void RequirePlainWeights(ConfigReader config)
    {
        if (config.Section("quantization_config") is not { } section) return;
        throw config.Wrong("quantization_config", $"'{section.Text("quant_method") ?? "unnamed"}'", "none: only F32, F16 and BF16 weights can be loaded; convert the checkpoint first");
    }

    /// <summary>Bounds that are checked before anything is sized by them.</summary>
    public static int Blocks(ConfigReader config, string key) => Bounded(config, key, MaximumBlocks);

    public static int Heads(ConfigReader config, string key) => Bounded(config, key, MaximumHeads);

    public static int Experts(ConfigReader config, string key) => Bounded(config, key, MaximumExperts);

    public static void RequireSound(DecoderConfig model, ConfigReader config)
    {
        if (model.KeyValueHeads < 1 || model.Heads % model.KeyValueHeads != 0)
            throw config.Wrong("num_key_value_heads", model.KeyValueHeads, $"a divisor of the {model.Heads} attention heads");
        if (model.HeadWidth < 1) throw config.Wrong("head_dim", model.HeadWidth, "at least 1 (default: hidden size / attention heads)");
        if (!(model.NormEpsilon >= 0)) throw config.Wrong("the epsilon of the norms", model.NormEpsilon, "at least 0");
        if (!double.IsFinite(model.LogitScale) || !double.IsFinite(model.AttentionScale)) throw new InvalidDataException($"'{config.Source}': a factor on logits or attention scores is not finite.");
        if (model.FusedQueryKeyValue is { } fused && (model.Heads % fused.Groups != 0 || model.KeyValueHeads % fused.Groups != 0))
            throw new InvalidDataException($"'{config.Source}': {model.Heads} attention heads with {model.KeyValueHeads} key/value heads do not form {fused.Groups} groups, as the {model.Family} family stores them.");
        if (model.MlpWidth < 1) throw config.Wrong("intermediate_size", model.MlpWidth, "at least 1");
        if (model.EmbeddingWidth < 1 || (long)Math.Max(model.Heads, 1) * model.HeadWidth * 3 > int.MaxValue || 2L * model.MlpWidth > int.MaxValue)
            throw new InvalidDataException($"'{config.Source}': the widths do not fit into 32 bits.");
        for (int i = 0; i < model.Blocks; i++) RequireSound(model.Block(i), model, config);
    }

    private static void RequireSound(BlockConfig block, DecoderConfig model, ConfigReader config)
    {
        if (block.Rotary is { } rotary)
        {
            if (rotary.Width < 2 || rotary.Width % 2 != 0 || rotary.Width > model.HeadWidth)
                throw config.Wrong("the rotated part of head_dim", rotary.Width, $"an even number from 2 to the head's {model.HeadWidth} features");
            if (!(rotary.Theta > 0) || !(rotary.Factor > 0)) throw new InvalidDataException($"'{config.Source}': rope_theta is {rotary.Theta} and factor {rotary.Factor}; expected numbers above 0.");
        }
        if (block.Window < 0) throw config.Wrong("sliding_window", block.Window, "at least 1, or null");
        if (block.Experts is { } experts && (experts.PerRow < 1 || experts.PerRow > experts.Count || experts.Width < 1 || experts.SharedWidth < 0 || 2L * Math.Max(experts.Width, experts.SharedWidth) > int.MaxValue))
            throw config.Wrong("num_experts_per_tok", experts.PerRow, $"1 to the {experts.Count} experts, of at least one feature each");
    }

    private static int Bounded(ConfigReader config, string key, int maximum) =>
        config.Positive(key) is var value && value <= maximum ? value : throw config.Wrong(key, value, $"at most {maximum}");
}
