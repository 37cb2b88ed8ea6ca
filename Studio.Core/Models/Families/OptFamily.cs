namespace Studio.Core.Models.Families;

/// <summary>OPT: learned positions from row 2 on; the 350M model with norms behind the sublayers and a narrower embedding (transformers: <c>modeling_opt.py</c>).</summary>
public static class OptFamily
{
    // Rows 0 and 1 of the position table are left over from fairseq.
    private const int PositionOffset = 2;

    private const string Defaults = """
        { "vocab_size": 50272, "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12,
          "max_position_embeddings": 2048, "hidden_act": "relu", "do_layer_norm_before": true, "enable_bias": true, "layer_norm_elementwise_affine": true,
          "tie_word_embeddings": true, "bos_token_id": 2, "eos_token_id": 2 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => new()
    {
        ModelType = "opt",
        Defaults = Defaults,
        Aliases = new Dictionary<string, string>
        {
            ["ffn_dim"] = "intermediate_size",
            ["activation_function"] = "hidden_act",
        },
        Read = Read,
        BasePrefix = "model.",
        BlockPrefix = "model.decoder.layers.{0}",
        Modules = new Dictionary<BaseProjection, ModuleSpec>
        {
            [BaseProjection.Embedding] = "model.decoder.embed_tokens",
            [BaseProjection.ProjectIn] = "model.decoder.project_in",
            [BaseProjection.ProjectOut] = "model.decoder.project_out",
            [BaseProjection.Query] = "self_attn.q_proj",
            [BaseProjection.Key] = "self_attn.k_proj",
            [BaseProjection.Value] = "self_attn.v_proj",
            [BaseProjection.AttentionOutput] = "self_attn.out_proj",
            [BaseProjection.Up] = "fc1",
            [BaseProjection.Down] = "fc2",
            [BaseProjection.Head] = "lm_head",
        },
        Norms = new Dictionary<NormRole, string>
        {
            [NormRole.AttentionInput] = "self_attn_layer_norm",
            [NormRole.MlpInput] = "final_layer_norm",
            [NormRole.AttentionResidual] = "self_attn_layer_norm",
            [NormRole.MlpResidual] = "final_layer_norm",
            [NormRole.Final] = "model.decoder.final_layer_norm",
        },
        PositionTable = "model.decoder.embed_positions",
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        bool before = config.Flag("do_layer_norm_before", true), bias = config.Flag("enable_bias", true), weight = config.Flag("layer_norm_elementwise_affine", true);
        var model = Gpt2Family.Shared(config);
        return model with
        {
            EmbeddingWidth = config.Int("word_embed_proj_dim", model.Hidden),
            LearnedPositions = checked(model.ContextLength + PositionOffset),
            LearnedPositionOffset = PositionOffset,
            BlockNorms = before ? [NormRole.AttentionInput, NormRole.MlpInput] : [NormRole.AttentionResidual, NormRole.MlpResidual],
            FinalNorm = before && !config.Flag("_remove_final_layer_norm", false),
            NormWeight = weight,
            NormBias = weight,
            NormEpsilon = 1e-5,
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
            MlpBias = bias,
        };
    }
}
