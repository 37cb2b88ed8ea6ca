namespace Studio.Core.Models.Families;

/// <summary>Qwen3 MoE (transformers: <c>modeling_qwen3_moe.py</c>).</summary>
public static class Qwen3MoeFamily
{
    private const string Defaults = """
        { "vocab_size": 151936, "hidden_size": 2048, "intermediate_size": 6144, "num_hidden_layers": 24, "num_attention_heads": 32, "num_key_value_heads": 4,
          "max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "use_sliding_window": false,
          "num_experts": 128, "num_experts_per_tok": 8, "moe_intermediate_size": 768, "norm_topk_prob": false, "decoder_sparse_step": 1, "mlp_only_layers": [] }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("qwen3_moe", Defaults, Read, QwenExperts.Modules());

    private static DecoderConfig Read(ConfigReader config)
    {
        var model = QwenExperts.Sparse(Qwen3Family.Heads(LlamaLayout.Read(config), config), config, sharedWidth: 0);
        return model.WithWindow(config.Flag("use_sliding_window", false) ? ConfigValues.Window(config) : 0);
    }
}
