namespace Studio.Core.Models.Families;

/// <summary>MPT: linear position biases, LayerNorm without biases, fused queries, keys and values (transformers: <c>modeling_mpt.py</c>).</summary>
public static class MptFamily
{
    private const string Defaults = """
        { "vocab_size": 50368, "hidden_size": 2048, "num_hidden_layers": 24, "num_attention_heads": 16, "max_position_embeddings": 2048, "expansion_ratio": 4,
          "layer_norm_epsilon": 1e-5, "hidden_act": "gelu", "no_bias": true, "tie_word_embeddings": true }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => new()
    {
        ModelType = "mpt",
        Defaults = Defaults,
        Aliases = new Dictionary<string, string>
        {
            ["d_model"] = "hidden_size",
            ["n_layers"] = "num_hidden_layers",
            ["n_heads"] = "num_attention_heads",
            ["max_seq_len"] = "max_position_embeddings",
        },
        Read = Read,
        BasePrefix = "transformer.",
        BlockPrefix = "transformer.blocks.{0}",
        Modules = new Dictionary<BaseProjection, ModuleSpec>
        {
            [BaseProjection.Embedding] = "transformer.wte",
            [BaseProjection.QueryKeyValue] = "attn.Wqkv",
            [BaseProjection.AttentionOutput] = "attn.out_proj",
            [BaseProjection.Up] = "ffn.up_proj",
            [BaseProjection.Down] = "ffn.down_proj",
            [BaseProjection.Head] = "lm_head",
        },
        Norms = new Dictionary<NormRole, string>
        {
            [NormRole.AttentionInput] = "norm_1",
            [NormRole.MlpInput] = "norm_2",
            [NormRole.Final] = "transformer.norm_f",
        },
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        config.Only("no_bias", "true");
        config.Only("norm_type", "low_precision_layernorm");
        var attention = config.Section("attn_config");
        attention?.Only("alibi", "true");
        attention?.Only("prefix_lm", "false");
        attention?.Only("qk_ln", "false");
        attention?.Only("attn_type", "multihead_attention");
        attention?.Only("attn_uses_sequence_id", "false");
        config.Only("logit_scale", "1");
        var model = Gpt2Family.Shared(config);
        return model with
        {
            MlpWidth = checked(config.Positive("expansion_ratio") * model.Hidden),
            LearnedPositions = 0,
            Alibi = new AlibiConfig { Slopes = AlibiSlopes.HigherPowerFirst(model.Heads, attention?.Number("alibi_bias_max", 8) ?? 8) },
            AttentionScale = attention?.Number("softmax_scale", model.AttentionScale) ?? model.AttentionScale,
            QueryKeyValueClip = attention?.Number("clip_qkv", 0) ?? 0,
            FusedQueryKeyValue = new FusedHeads(1),
            NormBias = false,
            QueryKeyValueBias = false,
            AttentionOutputBias = false,
            MlpBias = false,
        };
    }
}
