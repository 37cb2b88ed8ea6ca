namespace Studio.Core.Models.Families;

/// <summary>Phi 1 to 2: LayerNorm, attention and MLP side by side behind one norm, biases everywhere (transformers: <c>modeling_phi.py</c>).</summary>
public static class PhiFamily
{
    private const string Defaults = """
        { "vocab_size": 51200, "hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 24, "num_attention_heads": 32,
          "max_position_embeddings": 2048, "layer_norm_eps": 1e-5, "hidden_act": "gelu_new", "partial_rotary_factor": 0.5, "qk_layernorm": false,
          "bos_token_id": 1, "eos_token_id": 2 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("phi", Defaults, Read,
        new() { [BaseProjection.AttentionOutput] = "self_attn.dense", [BaseProjection.Up] = "mlp.fc1", [BaseProjection.Down] = "mlp.fc2" },
        new() { [NormRole.Query] = "self_attn.q_layernorm", [NormRole.Key] = "self_attn.k_layernorm", [NormRole.Final] = "model.final_layernorm" });

    private static DecoderConfig Read(ConfigReader config)
    {
        return LlamaLayout.Read(config) with
        {
            GatedMlp = false,
            ParallelResidual = true,
            BlockNorms = [NormRole.AttentionInput],
            Norm = NormKind.Layer,
            NormBias = true,
            NormEpsilon = config.Number("layer_norm_eps", 1e-5),
            QueryKeyNorm = config.Flag("qk_layernorm", false) ? QueryKeyNormKind.Head : QueryKeyNormKind.None,
            QueryKeyNormBias = true,
            QueryKeyValueBias = true,
            AttentionOutputBias = true,
            MlpBias = true,
            HeadBias = true,
        };
    }
}
