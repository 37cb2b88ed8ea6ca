namespace Studio.Core.Models.Families;

/// <summary>Gemma 2: norms before and after each sublayer, soft caps, a window in every other block (transformers: <c>modeling_gemma2.py</c>).</summary>
public static class Gemma2Family
{
    private const string Defaults = """
        { "vocab_size": 256000, "hidden_size": 2304, "intermediate_size": 9216, "num_hidden_layers": 26, "num_attention_heads": 8, "num_key_value_heads": 4,
          "head_dim": 256, "max_position_embeddings": 8192, "rms_norm_eps": 1e-6, "hidden_activation": "gelu_pytorch_tanh", "tie_word_embeddings": true,
          "query_pre_attn_scalar": 256, "sliding_window": 4096, "attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0,
          "bos_token_id": 2, "eos_token_id": 1 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("gemma2", Defaults, Read, norms: Norms);

    private static DecoderConfig Read(ConfigReader config)
    {
        var model = Around(config) with { AttentionSoftcap = config.Number("attn_logit_softcapping", 0) };
        return model.WithWindow(ConfigValues.Window(config), ConfigValues.SlidingBlocks(config, model.Blocks, i => i % 2 == 0));
    }

    /// <summary>The norms around both sublayers.</summary>
    internal static Dictionary<NormRole, string> Norms { get; } = new()
    {
        [NormRole.AttentionOutput] = "post_attention_layernorm",
        [NormRole.MlpInput] = "pre_feedforward_layernorm",
        [NormRole.MlpOutput] = "post_feedforward_layernorm",
    };

    /// <summary>What Gemma 2 and 3 share.</summary>
    internal static DecoderConfig Around(ConfigReader config)
    {
        bool bias = config.Flag("attention_bias", false);
        double scalar = config.Number("query_pre_attn_scalar");
        if (!(scalar > 0)) throw config.Wrong("query_pre_attn_scalar", scalar, "a number above 0");
        return GemmaFamily.Shared(config, "hidden_activation") with
        {
            AttentionScale = 1 / Math.Sqrt(scalar),
            BlockNorms = [NormRole.AttentionInput, NormRole.AttentionOutput, NormRole.MlpInput, NormRole.MlpOutput],
            LogitSoftcap = config.Number("final_logit_softcapping", 0),
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
        };
    }
}
