namespace Studio.Core.Models.Families;

/// <summary>The mixture of Qwen's MoE families, and which blocks have it.</summary>
internal static class QwenExperts
{
    /// <summary>Names of the mixture.</summary>
    public static Dictionary<BaseProjection, ModuleSpec> Modules()
    {
        var modules = LlamaLayout.Experts("mlp.gate", "mlp.experts.{1}.gate_proj", "mlp.experts.{1}.up_proj", "mlp.experts.{1}.down_proj");
        modules[BaseProjection.SharedGate] = "mlp.shared_expert.gate_proj";
        modules[BaseProjection.SharedUp] = "mlp.shared_expert.up_proj";
        modules[BaseProjection.SharedDown] = "mlp.shared_expert.down_proj";
        modules[BaseProjection.SharedExpertGate] = "mlp.shared_expert_gate";
        return modules;
    }

    /// <summary>Every <c>decoder_sparse_step</c>-th block has the mixture, unless it is in <c>mlp_only_layers</c>.</summary>
    public static DecoderConfig Sparse(DecoderConfig model, ConfigReader config, int sharedWidth)
    {
        int step = config.Positive("decoder_sparse_step");
        var dense = config.Ints("mlp_only_layers");
        if (config.Int("num_experts") == 0) return model;
        var experts = new ExpertConfig
        {
            Count = ConfigChecks.Experts(config, "num_experts"),
            PerRow = config.Positive("num_experts_per_tok"),
            Width = config.Positive("moe_intermediate_size"),
            NormalizeChosen = config.Flag("norm_topk_prob", false),
            SharedWidth = sharedWidth,
        };
        return model.WithBlocks((block, i) => dense.Contains(i) || (i + 1) % step != 0 ? block : block with { Experts = experts });
    }
}
