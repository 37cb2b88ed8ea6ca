namespace Studio.Core.Models.Families;

/// <summary>Granite: Llama with factors on embedding, attention, residuals and logits (transformers: <c>modeling_granite.py</c>).</summary>
public static class GraniteFamily
{
    private const string Defaults = """
        { "vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32,
          "max_position_embeddings": 2048, "rms_norm_eps": 1e-6, "embedding_multiplier": 1.0, "attention_multiplier": 1.0, "residual_multiplier": 1.0,
          "logits_scaling": 1.0, "bos_token_id": 1, "eos_token_id": 2 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("granite", Defaults, Read);

    private static DecoderConfig Read(ConfigReader config)
    {
        return Multiplied(config) with { MlpBias = config.Flag("mlp_bias", false) };
    }

    /// <summary>What Granite and its MoE share.</summary>
    internal static DecoderConfig Multiplied(ConfigReader config)
    {
        bool bias = config.Flag("attention_bias", false);
        return LlamaLayout.Read(config) with
        {
            EmbeddingScale = config.Number("embedding_multiplier"),
            AttentionScale = config.Number("attention_multiplier"),
            ResidualScale = config.Number("residual_multiplier"),
            LogitScale = 1 / config.Number("logits_scaling"),
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
        };
    }
}
