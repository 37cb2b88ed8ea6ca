namespace Studio.Core.Models.Families;

/// <summary>Qwen 1.5 and 2 MoE: a mixture with a gated expert that every row goes to (transformers: <c>modeling_qwen2_moe.py</c>).</summary>
public static class Qwen2MoeFamily
{
    private const string Defaults = """
        { "vocab_size": 151936, "hidden_size": 2048, "intermediate_size": 5632, "num_hidden_layers": 24, "num_attention_heads": 16, "num_key_value_heads": 16,
          "max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "use_sliding_window": false, "max_window_layers": 28, "qkv_bias": true,
          "num_experts": 60, "num_experts_per_tok": 4, "moe_intermediate_size": 1408, "shared_expert_intermediate_size": 5632,
          "norm_topk_prob": false, "decoder_sparse_step": 1, "mlp_only_layers": [] }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("qwen2_moe", Defaults, Read, QwenExperts.Modules());

    private static DecoderConfig Read(ConfigReader config)
    {
        var model = LlamaLayout.Read(config) with { QueryKeyValueBias = config.Flag("qkv_bias", true) };
        return Qwen2Family.UpperWindow(QwenExperts.Sparse(model, config, config.Positive("shared_expert_intermediate_size")), config);
    }
}
