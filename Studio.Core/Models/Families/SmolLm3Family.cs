namespace Studio.Core.Models.Families;

/// <summary>SmolLM3: every fourth block without rotation (transformers: <c>modeling_smollm3.py</c>).</summary>
public static class SmolLm3Family
{
    private const string Defaults = """
        { "vocab_size": 128256, "hidden_size": 2048, "intermediate_size": 11008, "num_hidden_layers": 36, "num_attention_heads": 16, "num_key_value_heads": 4,
          "max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "rope_theta": 2000000.0, "no_rope_layer_interval": 4, "use_sliding_window": false,
          "tie_word_embeddings": true, "bos_token_id": 128000, "eos_token_id": 128001 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("smollm3", Defaults, Read);

    private static DecoderConfig Read(ConfigReader config)
    {
        bool bias = config.Flag("attention_bias", false);
        var model = LlamaLayout.Read(config) with { QueryKeyValueBias = bias, AttentionOutputBias = bias, MlpBias = config.Flag("mlp_bias", false) };
        var listed = config.Ints("no_rope_layers");
        int interval = config.Positive("no_rope_layer_interval");
        if (listed.Count > 0 && listed.Count != model.Blocks) throw config.Wrong("no_rope_layers", $"a list of {listed.Count}", $"one entry for each of the {model.Blocks} layers");
        // Despite its name the list holds 1 where there is a rotation.
        bool[] rotated = [.. Enumerable.Range(0, model.Blocks).Select(i => listed.Count > 0 ? listed[i] != 0 : (i + 1) % interval != 0)];
        int window = config.Flag("use_sliding_window", false) ? ConfigValues.Window(config) : 0;
        model = model.WithBlocks((block, i) => rotated[i] ? block : block with { Rotary = null });
        return model.WithWindow(window, ConfigValues.SlidingBlocks(config, model.Blocks, i => !rotated[i]));
    }
}
