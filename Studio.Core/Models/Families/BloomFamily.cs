namespace Studio.Core.Models.Families;

/// <summary>BLOOM: linear position biases, a norm after the embedding, fused queries, keys and values (transformers: <c>modeling_bloom.py</c>).</summary>
public static class BloomFamily
{
    private const string Defaults = """
        { "vocab_size": 250880, "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 8, "max_position_embeddings": 2048,
          "layer_norm_epsilon": 1e-5, "hidden_act": "gelu_pytorch_tanh", "tie_word_embeddings": true, "bos_token_id": 1, "eos_token_id": 2 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => new()
    {
        ModelType = "bloom",
        Defaults = Defaults,
        Aliases = new Dictionary<string, string>
        {
            ["n_embed"] = "hidden_size",
            ["n_layer"] = "num_hidden_layers",
            ["n_head"] = "num_attention_heads",
            ["seq_length"] = "max_position_embeddings",
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
        Norms = new Dictionary<NormRole, string>
        {
            [NormRole.Embedding] = "transformer.word_embeddings_layernorm",
            [NormRole.AttentionInput] = "input_layernorm",
            [NormRole.MlpInput] = "post_attention_layernorm",
            [NormRole.Final] = "transformer.ln_f",
        },
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        config.Only("apply_residual_connection_post_layernorm", "false");
        var model = Gpt2Family.Shared(config);
        return model with
        {
            LearnedPositions = 0,
            Alibi = new AlibiConfig { Slopes = AlibiSlopes.LowerPowerFirst(model.Heads) },
            EmbeddingNorm = true,
            FusedQueryKeyValue = new FusedHeads(model.Heads),
        };
    }
}
