namespace Studio.Core.Models.Families;

/// <summary>Mistral: Llama with a sliding window in every block (transformers: <c>modeling_mistral.py</c>).</summary>
public static class MistralFamily
{
    private const string Defaults = """
        { "vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
          "max_position_embeddings": 131072, "rms_norm_eps": 1e-6, "sliding_window": 4096, "bos_token_id": 1, "eos_token_id": 2 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("mistral", Defaults, Read);

    private static DecoderConfig Read(ConfigReader config)
    {
        return LlamaLayout.Read(config).WithWindow(ConfigValues.Window(config));
    }
}
