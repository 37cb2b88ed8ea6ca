namespace Studio.Core.Models.Families;

/// <summary>Llama 1 to 3 and what shares their layout (transformers: <c>modeling_llama.py</c>).</summary>
public static class LlamaFamily
{
    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => new()
    {
        ModelType = "llama",
        ReadConfig = Read,
        BlockPrefix = "model.layers.{0}",
        Modules = new Dictionary<BaseProjection, string>
        {
            [BaseProjection.Embedding] = "model.embed_tokens",
            [BaseProjection.Query] = "self_attn.q_proj",
            [BaseProjection.Key] = "self_attn.k_proj",
            [BaseProjection.Value] = "self_attn.v_proj",
            [BaseProjection.AttentionOutput] = "self_attn.o_proj",
            [BaseProjection.Gate] = "mlp.gate_proj",
            [BaseProjection.Up] = "mlp.up_proj",
            [BaseProjection.Down] = "mlp.down_proj",
            [BaseProjection.Head] = "lm_head",
        },
        Norms = new Dictionary<NormRole, string>
        {
            [NormRole.AttentionInput] = "input_layernorm",
            [NormRole.MlpInput] = "post_attention_layernorm",
            [NormRole.Final] = "model.norm",
        },
        Ignored = ["rotary_emb.inv_freq"],
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        int hidden = config.Positive("hidden_size"), heads = config.Positive("num_attention_heads");
        int headWidth = config.Int("head_dim", hidden / heads);
        if (headWidth < 2 || headWidth % 2 != 0) throw config.Wrong("head_dim", headWidth, "an even number of at least 2 (default: hidden_size / num_attention_heads)");
        bool bias = config.Flag("attention_bias", false);
        return new DecoderConfig
        {
            Family = "llama",
            Vocabulary = config.Positive("vocab_size"),
            Hidden = hidden,
            Blocks = config.Positive("num_hidden_layers"),
            Heads = heads,
            KeyValueHeads = config.Int("num_key_value_heads", heads),
            HeadWidth = headWidth,
            MlpWidth = config.Positive("intermediate_size"),
            ContextLength = config.Int("max_position_embeddings", 2048),
            AttentionScale = 1 / Math.Sqrt(headWidth),
            Activation = ConfigValues.Activation(config, "hidden_act", "silu"),
            NormEpsilon = config.Number("rms_norm_eps", 1e-6),
            Rotary = ConfigValues.Rotary(config, headWidth),
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
            MlpBias = config.Flag("mlp_bias", false),
            TiedHead = config.Flag("tie_word_embeddings", false),
            StoredType = ConfigValues.StoredType(config),
            BosId = config.OptionalInt("bos_token_id"),
            EosIds = config.Ints("eos_token_id"),
        };
    }
}
