namespace Studio.Core.Models.Families;

/// <summary>Nemotron 3 and 4, Minitron: LayerNorm with 1 + weight, squared ReLU, half of each head rotated (transformers: <c>modeling_nemotron.py</c>).</summary>
public static class NemotronFamily
{
    private const string Defaults = """
        { "vocab_size": 256000, "hidden_size": 6144, "intermediate_size": 24576, "num_hidden_layers": 32, "num_attention_heads": 48,
          "max_position_embeddings": 4096, "norm_eps": 1e-5, "hidden_act": "relu2", "partial_rotary_factor": 0.5, "bos_token_id": 2, "eos_token_id": 3 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("nemotron", Defaults, Read);

    private static DecoderConfig Read(ConfigReader config)
    {
        bool bias = config.Flag("attention_bias", false);
        return LlamaLayout.Read(config) with
        {
            GatedMlp = false,
            Norm = NormKind.Layer,
            NormBias = true,
            NormUnitOffset = true,
            NormEpsilon = config.Number("norm_eps", 1e-5),
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
            MlpBias = config.Flag("mlp_bias", false),
        };
    }
}
