namespace Studio.Core.Models.Families;

/// <summary>Mixtral: Mistral with a mixture of experts (transformers: <c>modeling_mixtral.py</c>).</summary>
public static class MixtralFamily
{
    private const string Defaults = """
        { "vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
          "max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "rope_theta": 1000000.0, "num_local_experts": 8, "num_experts_per_tok": 2,
          "bos_token_id": 1, "eos_token_id": 2 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("mixtral", Defaults, Read,
        LlamaLayout.Experts("block_sparse_moe.gate", "block_sparse_moe.experts.{1}.w1", "block_sparse_moe.experts.{1}.w3", "block_sparse_moe.experts.{1}.w2"));

    private static DecoderConfig Read(ConfigReader config)
    {
        var model = LlamaLayout.Read(config);
        var experts = new ExpertConfig
        {
            Count = ConfigChecks.Experts(config, "num_local_experts"),
            PerRow = config.Positive("num_experts_per_tok"),
            Width = model.MlpWidth,
            NormalizeChosen = true,
        };
        return (model with { Experts = experts }).WithWindow(ConfigValues.Window(config));
    }
}
