namespace Studio.Core.Models.Families;

/// <summary>ERNIE 4.5: Llama with neighbouring features rotated (transformers: <c>modeling_ernie4_5.py</c>).</summary>
public static class Ernie45Family
{
    private const string Defaults = """
        { "vocab_size": 103424, "hidden_size": 1024, "intermediate_size": 3072, "num_hidden_layers": 18, "num_attention_heads": 16, "num_key_value_heads": 2,
          "head_dim": 128, "max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "rope_theta": 500000.0, "use_bias": false, "tie_word_embeddings": true,
          "bos_token_id": 1, "eos_token_id": 2 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("ernie4_5", Defaults, Read);

    private static DecoderConfig Read(ConfigReader config)
    {
        bool bias = config.Flag("use_bias", false);
        var model = LlamaLayout.Read(config);
        return model with { Rotary = model.Rotary! with { Interleaved = true }, QueryKeyValueBias = bias, AttentionOutputBias = bias, MlpBias = bias };
    }
}
