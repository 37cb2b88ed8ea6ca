namespace Studio.Core.Models.Families;

/// <summary>Gemma 3: norms on heads, another rotary base in windowed blocks (transformers: <c>modeling_gemma3.py</c>).</summary>
public static class Gemma3TextFamily
{
    private const string Defaults = """
        { "vocab_size": 262208, "hidden_size": 2304, "intermediate_size": 9216, "num_hidden_layers": 26, "num_attention_heads": 8, "num_key_value_heads": 4,
          "head_dim": 256, "max_position_embeddings": 131072, "rms_norm_eps": 1e-6, "hidden_activation": "gelu_pytorch_tanh", "tie_word_embeddings": true,
          "query_pre_attn_scalar": 256, "sliding_window": 4096, "sliding_window_pattern": 6, "rope_theta": 1000000.0, "rope_local_base_freq": 10000.0,
          "bos_token_id": 2, "eos_token_id": 1 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("gemma3_text", Defaults, Read, norms: Gemma2Family.Norms);

    private static DecoderConfig Read(ConfigReader config)
    {
        config.Only("attn_logit_softcapping", "0");
        int pattern = config.Positive("sliding_window_pattern"), window = config.Positive("sliding_window");
        var model = Gemma2Family.Around(config) with { ScaleInsideEmbedding = true, QueryKeyNorm = QueryKeyNormKind.Head };
        var sliding = ConfigValues.SlidingBlocks(config, model.Blocks, i => (i + 1) % pattern != 0);
        var (near, far) = Rotaries(config, model);
        return model.WithBlocks((block, i) => sliding[i] ? block with { Rotary = near, Window = window } : block with { Rotary = far });
    }

    // transformers 5 nests one set of settings per kind of layer; before, scaling belonged to the full ones.
    private static (RotaryConfig Near, RotaryConfig Far) Rotaries(ConfigReader config, DecoderConfig model)
    {
        var nested = config.Section("rope_parameters");
        bool split = nested?.Has("full_attention") == true;
        var near = split ? nested!.Section("sliding_attention") : null;
        var far = split ? nested!.Section("full_attention") : nested ?? config.Section("rope_scaling");
        return (RotaryValues.Read(config, near, model.HeadWidth, model.ContextLength, config.Number("rope_local_base_freq", 10_000)),
            RotaryValues.Read(config, far, model.HeadWidth, model.ContextLength, config.Number("rope_theta", 1_000_000)));
    }
}
