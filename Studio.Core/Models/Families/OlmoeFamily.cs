namespace Studio.Core.Models.Families;

/// <summary>OLMoE: a mixture of experts, norms over whole queries and keys (transformers: <c>modeling_olmoe.py</c>).</summary>
public static class OlmoeFamily
{
    private const string Defaults = """
        { "vocab_size": 50304, "hidden_size": 2048, "intermediate_size": 2048, "num_hidden_layers": 16, "num_attention_heads": 16,
          "max_position_embeddings": 4096, "rms_norm_eps": 1e-5, "num_experts": 64, "num_experts_per_tok": 8, "norm_topk_prob": false, "eos_token_id": 50279 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("olmoe", Defaults, Read,
        LlamaLayout.Experts("mlp.gate", "mlp.experts.{1}.gate_proj", "mlp.experts.{1}.up_proj", "mlp.experts.{1}.down_proj"));

    private static DecoderConfig Read(ConfigReader config)
    {
        bool bias = config.Flag("attention_bias", false);
        var model = LlamaLayout.Read(config);
        return model with
        {
            QueryKeyNorm = QueryKeyNormKind.Projection,
            QueryKeyValueClip = config.Number("clip_qkv", 0),
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
            Experts = new ExpertConfig
            {
                Count = ConfigChecks.Experts(config, "num_experts"),
                PerRow = config.Positive("num_experts_per_tok"),
                Width = model.MlpWidth,
                NormalizeChosen = config.Flag("norm_topk_prob", false),
            },
        };
    }
}
