namespace Studio.Core.Models.Families;

/// <summary>Llama 1 to 3 and what shares their layout (transformers: <c>modeling_llama.py</c>).</summary>
public static class LlamaFamily
{
    private const string Defaults = """
        { "vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32,
          "max_position_embeddings": 2048, "rms_norm_eps": 1e-6, "bos_token_id": 1, "eos_token_id": 2 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("llama", Defaults, Read);

    private static DecoderConfig Read(ConfigReader config)
    {
        bool bias = config.Flag("attention_bias", false);
        return LlamaLayout.Read(config) with { QueryKeyValueBias = bias, AttentionOutputBias = bias, MlpBias = config.Flag("mlp_bias", false) };
    }
}
