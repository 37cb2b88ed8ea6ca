namespace Studio.Core.Models.Families;

/// <summary>GLM 4 (2024): half of each head rotated in neighbouring features, gate and up fused (transformers: <c>modeling_glm.py</c>).</summary>
public static class GlmFamily
{
    private const string Defaults = """
        { "vocab_size": 151552, "hidden_size": 4096, "intermediate_size": 13696, "num_hidden_layers": 40, "num_attention_heads": 32, "num_key_value_heads": 2,
          "head_dim": 128, "max_position_embeddings": 131072, "rms_norm_eps": 1.5625e-7, "partial_rotary_factor": 0.5, "attention_bias": true,
          "eos_token_id": [151329, 151336, 151338] }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("glm", Defaults, Read,
        new() { [BaseProjection.GateUp] = "mlp.gate_up_proj" });

    private static DecoderConfig Read(ConfigReader config)
    {
        return Shared(config);
    }

    /// <summary>What both generations share.</summary>
    internal static DecoderConfig Shared(ConfigReader config)
    {
        var model = LlamaLayout.Read(config);
        return model with { Rotary = model.Rotary! with { Interleaved = true }, GateUp = GateUpLayout.Halves, QueryKeyValueBias = config.Flag("attention_bias", true) };
    }
}
