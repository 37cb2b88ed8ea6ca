namespace Studio.Core.Models.Families;

/// <summary>OLMo 3: OLMo 2 with a window in three of four blocks, where rotary frequencies are not stretched (transformers: <c>modeling_olmo3.py</c>).</summary>
public static class Olmo3Family
{
    private const string Defaults = """
        { "vocab_size": 50304, "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32,
          "max_position_embeddings": 2048, "rms_norm_eps": 1e-5, "sliding_window": 4096, "eos_token_id": 50279 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("olmo3", Defaults, Read, norms: Olmo2Family.Norms);

    private static DecoderConfig Read(ConfigReader config)
    {
        var model = Olmo2Family.After(config);
        int window = ConfigValues.Window(config);
        var sliding = ConfigValues.SlidingBlocks(config, model.Blocks, i => (i + 1) % 4 != 0);
        var plain = new RotaryConfig { Theta = model.Rotary!.Theta, Width = model.Rotary.Width };
        return model.WithBlocks((block, i) => sliding[i] ? block with { Rotary = plain, Window = window } : block);
    }
}
