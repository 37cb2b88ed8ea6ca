namespace Studio.Core.Models.Families;

/// <summary>EXAONE 4: norms behind both sublayers and on heads; windowed blocks with rotation, full ones without (transformers: <c>modeling_exaone4.py</c>).</summary>
public static class Exaone4Family
{
    private const string Defaults = """
        { "vocab_size": 102400, "hidden_size": 4096, "intermediate_size": 16384, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32,
          "max_position_embeddings": 2048, "rms_norm_eps": 1e-5, "sliding_window": 4096, "sliding_window_pattern": 4, "bos_token_id": 0, "eos_token_id": 2 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("exaone4", Defaults, Read, norms: Olmo2Family.Norms);

    private static DecoderConfig Read(ConfigReader config)
    {
        var model = LlamaLayout.Read(config) with { BlockNorms = [NormRole.AttentionOutput, NormRole.MlpOutput], QueryKeyNorm = QueryKeyNormKind.Head };
        int window = ConfigValues.Window(config);
        if (window == 0) return model;
        var sliding = ConfigValues.SlidingBlocks(config, model.Blocks, Pattern(config));
        return model.WithBlocks((block, i) => sliding[i] ? block with { Window = window } : block with { Rotary = null });
    }

    // Every n-th block is full; or a text such as LLLG, one letter per block in turns.
    private static Func<int, bool> Pattern(ConfigReader config)
    {
        if (config.Raw("sliding_window_pattern") is not { ValueKind: System.Text.Json.JsonValueKind.String } text)
            return config.Int("sliding_window_pattern", 4) is > 0 and var every ? i => (i + 1) % every != 0 : _ => false;
        string letters = text.GetString()!;
        return letters.Length > 0 && letters.All(letter => letter is 'L' or 'G') ? i => letters[i % letters.Length] == 'L'
            : throw config.Wrong("sliding_window_pattern", $"'{letters}'", "a whole number, or letters L (sliding) and G (full)");
    }
}
