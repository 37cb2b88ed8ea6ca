namespace Studio.Core.Models.Families;

/// <summary>Qwen3: norms on the heads of queries and keys (transformers: <c>modeling_qwen3.py</c>).</summary>
public static class Qwen3Family
{
    private const string Defaults = """
        { "vocab_size": 151936, "hidden_size": 4096, "intermediate_size": 22016, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32,
          "head_dim": 128, "max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "use_sliding_window": false, "max_window_layers": 28 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("qwen3", Defaults, Read);

    private static DecoderConfig Read(ConfigReader config)
    {
        return Qwen2Family.UpperWindow(Heads(LlamaLayout.Read(config), config), config);
    }

    /// <summary>Biases and norms of Qwen3's attention.</summary>
    internal static DecoderConfig Heads(DecoderConfig model, ConfigReader config)
    {
        bool bias = config.Flag("attention_bias", false);
        return model with { QueryKeyValueBias = bias, AttentionOutputBias = bias, QueryKeyNorm = QueryKeyNormKind.Head };
    }
}
