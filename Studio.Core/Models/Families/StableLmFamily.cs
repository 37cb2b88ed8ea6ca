namespace Studio.Core.Models.Families;

/// <summary>StableLM 2 and 3B-4E1T, 12B: LayerNorm, partial rotation (transformers: <c>modeling_stablelm.py</c>).</summary>
public static class StableLmFamily
{
    private const string Defaults = """
        { "vocab_size": 50304, "hidden_size": 2560, "intermediate_size": 6912, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32,
          "max_position_embeddings": 4096, "layer_norm_eps": 1e-5, "partial_rotary_factor": 0.25, "use_qkv_bias": false, "qk_layernorm": false,
          "use_parallel_residual": false, "bos_token_id": 0, "eos_token_id": 0 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("stablelm", Defaults, Read,
        norms: new() { [NormRole.Query] = "self_attn.q_layernorm.norms.{1}", [NormRole.Key] = "self_attn.k_layernorm.norms.{1}" });

    private static DecoderConfig Read(ConfigReader config)
    {
        bool parallel = config.Flag("use_parallel_residual", false);
        return LlamaLayout.Read(config) with
        {
            ParallelResidual = parallel,
            BlockNorms = parallel ? [NormRole.AttentionInput] : [NormRole.AttentionInput, NormRole.MlpInput],
            Norm = NormKind.Layer,
            NormBias = true,
            NormEpsilon = config.Number("layer_norm_eps", 1e-5),
            QueryKeyNorm = config.Flag("qk_layernorm", false) ? QueryKeyNormKind.OwnHead : QueryKeyNormKind.None,
            QueryKeyValueBias = config.Flag("use_qkv_bias", false),
        };
    }
}
