namespace Studio.Core.Models.Families;

/// <summary>GPT-NeoX and Pythia: attention and MLP side by side, each behind its own norm, fused queries, keys and values (transformers: <c>modeling_gpt_neox.py</c>).</summary>
public static class GptNeoXFamily
{
    private const string Defaults = """
        { "vocab_size": 50432, "hidden_size": 6144, "intermediate_size": 24576, "num_hidden_layers": 44, "num_attention_heads": 64,
          "max_position_embeddings": 2048, "layer_norm_eps": 1e-5, "hidden_act": "gelu", "partial_rotary_factor": 0.25, "attention_bias": true,
          "use_parallel_residual": true, "bos_token_id": 0, "eos_token_id": 2 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => new()
    {
        ModelType = "gpt_neox",
        Defaults = Defaults,
        Aliases = new Dictionary<string, string>
        {
            ["rotary_pct"] = "partial_rotary_factor",
            ["rotary_emb_base"] = "rope_theta",
        },
        Read = Read,
        BasePrefix = "gpt_neox.",
        BlockPrefix = "gpt_neox.layers.{0}",
        Modules = new Dictionary<BaseProjection, ModuleSpec>
        {
            [BaseProjection.Embedding] = "gpt_neox.embed_in",
            [BaseProjection.QueryKeyValue] = "attention.query_key_value",
            [BaseProjection.AttentionOutput] = "attention.dense",
            [BaseProjection.Up] = "mlp.dense_h_to_4h",
            [BaseProjection.Down] = "mlp.dense_4h_to_h",
            [BaseProjection.Head] = "embed_out",
        },
        Norms = new Dictionary<NormRole, string>
        {
            [NormRole.AttentionInput] = "input_layernorm",
            [NormRole.MlpInput] = "post_attention_layernorm",
            [NormRole.Final] = "gpt_neox.final_layer_norm",
        },
        Ignored = [".attention.bias", ".attention.masked_bias", "rotary_emb.inv_freq"],
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        bool bias = config.Flag("attention_bias", true);
        var model = LlamaLayout.Read(config);
        return model with
        {
            FusedQueryKeyValue = new FusedHeads(model.Heads),
            GatedMlp = false,
            ParallelResidual = config.Flag("use_parallel_residual", true),
            Norm = NormKind.Layer,
            NormBias = true,
            NormEpsilon = config.Number("layer_norm_eps", 1e-5),
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
            MlpBias = true,
        };
    }
}
