namespace Studio.Core.Models.Families;

/// <summary>Falcon: 7B, 40B and 180B, 2 11B and RW (transformers: <c>modeling_falcon.py</c>).</summary>
public static class FalconFamily
{
    private const string Defaults = """
        { "vocab_size": 65024, "hidden_size": 4544, "num_hidden_layers": 32, "num_attention_heads": 71, "max_position_embeddings": 2048,
          "layer_norm_epsilon": 1e-5, "hidden_act": "gelu", "alibi": false, "bias": false, "multi_query": true, "parallel_attn": true,
          "new_decoder_architecture": false, "tie_word_embeddings": true, "bos_token_id": 11, "eos_token_id": 11 }
        """;

    /// <summary>The descriptor; how many norms a block has, and so their names, depends on the config.</summary>
    public static DecoderFamily Create(ConfigReader source) => new()
    {
        ModelType = "falcon",
        Defaults = Defaults,
        Aliases = new Dictionary<string, string>
        {
            ["n_embed"] = "hidden_size",
            ["num_kv_heads"] = "num_key_value_heads",
            ["ffn_hidden_size"] = "intermediate_size",
            ["activation"] = "hidden_act",
        },
        Read = Read,
        BasePrefix = "transformer.",
        BlockPrefix = "transformer.h.{0}",
        Modules = new Dictionary<BaseProjection, ModuleSpec>
        {
            [BaseProjection.Embedding] = "transformer.word_embeddings",
            [BaseProjection.QueryKeyValue] = "self_attention.query_key_value",
            [BaseProjection.AttentionOutput] = "self_attention.dense",
            [BaseProjection.Up] = "mlp.dense_h_to_4h",
            [BaseProjection.Down] = "mlp.dense_4h_to_h",
            [BaseProjection.Head] = "lm_head",
        },
        Norms = Norms(HasTwoNorms(source)),
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        bool grouped = config.Flag("new_decoder_architecture", false), single = config.Flag("multi_query", true), bias = config.Flag("bias", false);
        bool parallel = config.Flag("parallel_attn", true);
        if (grouped && !parallel) throw config.Wrong("parallel_attn", "false", "true where new_decoder_architecture is true");
        var model = Gpt2Family.Shared(config);
        return model with
        {
            LearnedPositions = 0,
            Rotary = config.Flag("alibi", false) ? null : RotaryValues.Read(config, model.HeadWidth, model.ContextLength),
            Alibi = config.Flag("alibi", false) ? new AlibiConfig { Slopes = AlibiSlopes.LowerPowerFirst(model.Heads), Scale = model.AttentionScale, RoundedToBFloat16 = true } : null,
            KeyValueHeads = grouped ? model.KeyValueHeads : single ? 1 : model.Heads,
            FusedQueryKeyValue = new FusedHeads(grouped ? model.KeyValueHeads : single ? 1 : model.Heads),
            ParallelResidual = parallel,
            BlockNorms = parallel && !HasTwoNorms(config) ? [NormRole.AttentionInput] : [NormRole.AttentionInput, NormRole.MlpInput],
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
            MlpBias = bias,
        };
    }

    // Side by side with two norms: 40B and 180B. In the new architecture that is the default.
    private static bool HasTwoNorms(ConfigReader config) =>
        config.Flag("parallel_attn", true) && (config.OptionalInt("num_ln_in_parallel_attn") ?? (config.Flag("new_decoder_architecture", false) ? 2 : 1)) switch
        {
            1 => false,
            2 => true,
            var other => throw config.Wrong("num_ln_in_parallel_attn", other, "1 or 2"),
        };

    private static Dictionary<NormRole, string> Norms(bool two) => new()
    {
        [NormRole.AttentionInput] = two ? "ln_attn" : "input_layernorm",
        [NormRole.MlpInput] = two ? "ln_mlp" : "post_attention_layernorm",
        [NormRole.Final] = "transformer.ln_f",
    };
}
