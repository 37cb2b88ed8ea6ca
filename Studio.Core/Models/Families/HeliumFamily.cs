namespace Studio.Core.Models.Families;

/// <summary>Helium: Llama with neighbouring features rotated (transformers: <c>modeling_helium.py</c>).</summary>
public static class HeliumFamily
{
    private const string Defaults = """
        { "vocab_size": 48000, "hidden_size": 2560, "intermediate_size": 7040, "num_hidden_layers": 24, "num_attention_heads": 20, "num_key_value_heads": 20,
          "head_dim": 128, "max_position_embeddings": 4096, "rms_norm_eps": 1e-8, "rope_theta": 100000.0, "bos_token_id": 1, "eos_token_id": 2 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("helium", Defaults, Read);

    private static DecoderConfig Read(ConfigReader config)
    {
        var model = LlamaLayout.Read(config);
        return model with
        {
            Rotary = model.Rotary! with { Interleaved = true },
            QueryKeyValueBias = config.Flag("attention_bias", false),
            MlpBias = config.Flag("mlp_bias", false),
        };
    }
}
