namespace Studio.Core.Models.Families;

/// <summary>Seed-OSS: Llama with biases on queries, keys and values (transformers: <c>modeling_seed_oss.py</c>).</summary>
public static class SeedOssFamily
{
    private const string Defaults = """
        { "vocab_size": 155136, "hidden_size": 4096, "intermediate_size": 27648, "num_hidden_layers": 64, "num_attention_heads": 80, "num_key_value_heads": 8,
          "head_dim": 128, "max_position_embeddings": 524288, "rms_norm_eps": 1e-6, "attention_bias": true, "attention_out_bias": false, "mlp_bias": false,
          "bos_token_id": 0, "eos_token_id": 2 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("seed_oss", Defaults, Read);

    private static DecoderConfig Read(ConfigReader config)
    {
        return LlamaLayout.Read(config) with
        {
            QueryKeyValueBias = config.Flag("attention_bias", true),
            AttentionOutputBias = config.Flag("attention_out_bias", false),
            MlpBias = config.Flag("mlp_bias", false),
        };
    }
}
