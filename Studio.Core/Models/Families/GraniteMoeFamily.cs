namespace Studio.Core.Models.Families;

/// <summary>Granite MoE: stacked experts, a softmax over the chosen ones (transformers: <c>modeling_granitemoe.py</c>).</summary>
public static class GraniteMoeFamily
{
    private const string Defaults = """
        { "vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32,
          "max_position_embeddings": 2048, "rms_norm_eps": 1e-6, "embedding_multiplier": 1.0, "attention_multiplier": 1.0, "residual_multiplier": 1.0,
          "logits_scaling": 1.0, "num_local_experts": 8, "num_experts_per_tok": 2, "bos_token_id": 1, "eos_token_id": 2 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("granitemoe", Defaults, Read, new()
    {
        [BaseProjection.Router] = "block_sparse_moe.router.layer",
        [BaseProjection.GateUp] = new ModuleSpec("block_sparse_moe.input_linear") { Stacked = true },
        [BaseProjection.Down] = new ModuleSpec("block_sparse_moe.output_linear") { Stacked = true },
    });

    private static DecoderConfig Read(ConfigReader config)
    {
        var model = GraniteFamily.Multiplied(config);
        return model with
        {
            Experts = new ExpertConfig
            {
                Count = ConfigChecks.Experts(config, "num_local_experts"),
                PerRow = config.Positive("num_experts_per_tok"),
                Width = model.MlpWidth,
                Layout = GateUpLayout.Halves,
                SoftmaxOverChosen = true,
            },
        };
    }
}
