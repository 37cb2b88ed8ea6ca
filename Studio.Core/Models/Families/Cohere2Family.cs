namespace Studio.Core.Models.Families;

/// <summary>Cohere Command R7B and A: a window and rotation in three of four blocks, neither in the others (transformers: <c>modeling_cohere2.py</c>).</summary>
public static class Cohere2Family
{
    private const string Defaults = """
        { "vocab_size": 256000, "hidden_size": 8192, "intermediate_size": 22528, "num_hidden_layers": 40, "num_attention_heads": 64,
          "max_position_embeddings": 8192, "layer_norm_eps": 1e-5, "logit_scale": 0.0625, "rope_theta": 10000.0, "sliding_window": 4096,
          "sliding_window_pattern": 4, "tie_word_embeddings": true, "bos_token_id": 5, "eos_token_id": 255001 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("cohere2", Defaults, Read);

    private static DecoderConfig Read(ConfigReader config)
    {
        config.Only("use_parallel_block", "true");
        var model = CohereFamily.Parallel(config);
        int window = config.Positive("sliding_window"), pattern = config.Positive("sliding_window_pattern");
        var sliding = ConfigValues.SlidingBlocks(config, model.Blocks, i => (i + 1) % pattern != 0);
        return model.WithBlocks((block, i) => sliding[i] ? block with { Window = window } : block with { Rotary = null });
    }
}
