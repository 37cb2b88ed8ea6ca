namespace Studio.Core.Models.Families;

/// <summary>Cohere Command R: attention and MLP side by side behind one norm, neighbouring features rotated (transformers: <c>modeling_cohere.py</c>).</summary>
public static class CohereFamily
{
    private const string Defaults = """
        { "vocab_size": 256000, "hidden_size": 8192, "intermediate_size": 22528, "num_hidden_layers": 40, "num_attention_heads": 64,
          "max_position_embeddings": 8192, "layer_norm_eps": 1e-5, "logit_scale": 0.0625, "rope_theta": 500000.0, "use_qk_norm": false,
          "tie_word_embeddings": true, "bos_token_id": 5, "eos_token_id": 255001 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("cohere", Defaults, Read);

    private static DecoderConfig Read(ConfigReader config)
    {
        return Parallel(config) with { QueryKeyNorm = config.Flag("use_qk_norm", false) ? QueryKeyNormKind.OwnHead : QueryKeyNormKind.None };
    }

    /// <summary>What both generations share.</summary>
    internal static DecoderConfig Parallel(ConfigReader config)
    {
        bool bias = config.Flag("attention_bias", false);
        var model = LlamaLayout.Read(config);
        return model with
        {
            ParallelResidual = true,
            BlockNorms = [NormRole.AttentionInput],
            Norm = NormKind.Layer,
            NormEpsilon = config.Number("layer_norm_eps", 1e-5),
            Rotary = model.Rotary! with { Interleaved = true },
            LogitScale = config.Number("logit_scale"),
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
        };
    }
}
