namespace Studio.Core.Models.Families;

/// <summary>Qwen2 and 2.5: Llama with biases on queries, keys and values, and a window in the upper blocks (transformers: <c>modeling_qwen2.py</c>).</summary>
public static class Qwen2Family
{
    private const string Defaults = """
        { "vocab_size": 151936, "hidden_size": 4096, "intermediate_size": 22016, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32,
          "max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "use_sliding_window": false, "max_window_layers": 28 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("qwen2", Defaults, Read);

    private static DecoderConfig Read(ConfigReader config)
    {
        return UpperWindow(LlamaLayout.Read(config) with { QueryKeyValueBias = true }, config);
    }

    /// <summary>The window of the blocks from <c>max_window_layers</c> on, where <c>use_sliding_window</c> is set.</summary>
    internal static DecoderConfig UpperWindow(DecoderConfig model, ConfigReader config)
    {
        int first = config.Int("max_window_layers", 28);
        int window = config.Flag("use_sliding_window", false) && config.Int("sliding_window", 0) != 0 ? ConfigValues.Window(config) : 0;
        return model.WithWindow(window, ConfigValues.SlidingBlocks(config, model.Blocks, i => i >= first));
    }
}
