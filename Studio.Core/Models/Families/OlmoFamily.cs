namespace Studio.Core.Models.Families;

/// <summary>OLMo 1: LayerNorm without parameters, clamped queries, keys and values (transformers: <c>modeling_olmo.py</c>).</summary>
public static class OlmoFamily
{
    private const string Defaults = """
        { "vocab_size": 50304, "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32,
          "max_position_embeddings": 2048, "eos_token_id": 50279 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("olmo", Defaults, Read);

    private static DecoderConfig Read(ConfigReader config)
    {
        bool bias = config.Flag("attention_bias", false);
        return LlamaLayout.Read(config) with
        {
            Norm = NormKind.Layer,
            NormWeight = false,
            NormEpsilon = 1e-5,
            QueryKeyValueClip = config.Number("clip_qkv", 0),
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
        };
    }
}
