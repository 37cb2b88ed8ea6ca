namespace Studio.Core.Models.Families;

/// <summary>OLMo 2: norms after each sublayer only, and over whole queries and keys (transformers: <c>modeling_olmo2.py</c>).</summary>
public static class Olmo2Family
{
    private const string Defaults = """
        { "vocab_size": 50304, "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32,
          "max_position_embeddings": 2048, "rms_norm_eps": 1e-5, "eos_token_id": 50279 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("olmo2", Defaults, Read, norms: Norms);

    private static DecoderConfig Read(ConfigReader config)
    {
        return After(config);
    }

    /// <summary>The norms behind both sublayers.</summary>
    internal static Dictionary<NormRole, string> Norms { get; } = new()
    {
        [NormRole.AttentionOutput] = "post_attention_layernorm",
        [NormRole.MlpOutput] = "post_feedforward_layernorm",
    };

    /// <summary>What OLMo 2 and 3 share.</summary>
    internal static DecoderConfig After(ConfigReader config)
    {
        bool bias = config.Flag("attention_bias", false);
        return LlamaLayout.Read(config) with
        {
            BlockNorms = [NormRole.AttentionOutput, NormRole.MlpOutput],
            QueryKeyNorm = QueryKeyNormKind.Projection,
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
        };
    }
}
