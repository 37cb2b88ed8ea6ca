namespace Studio.Core.Models.Families;

/// <summary>GLM 4 (0414): GLM with norms behind both sublayers too (transformers: <c>modeling_glm4.py</c>).</summary>
public static class Glm4Family
{
    private const string Defaults = """
        { "vocab_size": 151552, "hidden_size": 4096, "intermediate_size": 13696, "num_hidden_layers": 40, "num_attention_heads": 32, "num_key_value_heads": 2,
          "head_dim": 128, "max_position_embeddings": 131072, "rms_norm_eps": 1.5625e-7, "partial_rotary_factor": 0.5, "attention_bias": true,
          "eos_token_id": [151329, 151336, 151338] }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("glm4", Defaults, Read,
        new() { [BaseProjection.GateUp] = "mlp.gate_up_proj" },
        new() { [NormRole.AttentionOutput] = "post_self_attn_layernorm", [NormRole.MlpOutput] = "post_mlp_layernorm" });

    private static DecoderConfig Read(ConfigReader config)
    {
        return GlmFamily.Shared(config) with { BlockNorms = [NormRole.AttentionInput, NormRole.AttentionOutput, NormRole.MlpInput, NormRole.MlpOutput] };
    }
}
