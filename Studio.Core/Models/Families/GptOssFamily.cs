namespace Studio.Core.Models.Families;

/// <summary>gpt-oss: attention sinks, clamped gates, stacked experts with biases (transformers: <c>modeling_gpt_oss.py</c>).</summary>
public static class GptOssFamily
{
    private const string Defaults = """
        { "vocab_size": 201088, "hidden_size": 2880, "intermediate_size": 2880, "num_hidden_layers": 36, "num_attention_heads": 64, "num_key_value_heads": 8,
          "head_dim": 64, "max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "rope_theta": 150000.0, "sliding_window": 128, "attention_bias": true,
          "num_local_experts": 128, "num_experts_per_tok": 4,
          "rope_scaling": { "rope_type": "yarn", "factor": 32.0, "beta_fast": 32.0, "beta_slow": 1.0, "truncate": false, "original_max_position_embeddings": 4096 } }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("gpt_oss", Defaults, Read, new()
    {
        [BaseProjection.Router] = new ModuleSpec("mlp.router") { IsModule = false },
        [BaseProjection.GateUp] = new ModuleSpec("mlp.experts.gate_up_proj") { Stacked = true, Transposed = true, WeightEnding = "", BiasEnding = "_bias" },
        [BaseProjection.Down] = new ModuleSpec("mlp.experts.down_proj") { Stacked = true, Transposed = true, WeightEnding = "", BiasEnding = "_bias" },
    }, sinks: "self_attn.sinks");

    private static DecoderConfig Read(ConfigReader config)
    {
        config.Only("swiglu_limit", "7.0");
        config.Only("hidden_act", "silu");
        bool bias = config.Flag("attention_bias", true);
        var model = LlamaLayout.Read(config);
        model = model with
        {
            AttentionSinks = true,
            Activation = Activation.QuickGelu,
            GateLimit = 7,
            UpOffset = 1,
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
            Experts = new ExpertConfig
            {
                Count = ConfigChecks.Experts(config, "num_local_experts"),
                PerRow = config.Positive("num_experts_per_tok"),
                Width = model.MlpWidth,
                Layout = GateUpLayout.Interleaved,
                SoftmaxOverChosen = true,
                Bias = true,
            },
        };
        return model.WithWindow(ConfigValues.Window(config), ConfigValues.SlidingBlocks(config, model.Blocks, i => i % 2 == 0));
    }
}
