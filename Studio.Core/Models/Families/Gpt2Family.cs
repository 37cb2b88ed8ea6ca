namespace Studio.Core.Models.Families;

/// <summary>GPT-2: learned positions, LayerNorm, weights stored transposed (transformers: <c>modeling_gpt2.py</c>).</summary>
public static class Gpt2Family
{
    private const string Defaults = """
        { "vocab_size": 50257, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "max_position_embeddings": 1024,
          "layer_norm_epsilon": 1e-5, "hidden_act": "gelu_new", "scale_attn_weights": true, "scale_attn_by_inverse_layer_idx": false,
          "tie_word_embeddings": true, "bos_token_id": 50256, "eos_token_id": 50256 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => new()
    {
        ModelType = "gpt2",
        Defaults = Defaults,
        Aliases = new Dictionary<string, string>
        {
            ["n_embd"] = "hidden_size",
            ["n_head"] = "num_attention_heads",
            ["n_layer"] = "num_hidden_layers",
            ["n_positions"] = "max_position_embeddings",
            ["n_inner"] = "intermediate_size",
            ["activation_function"] = "hidden_act",
        },
        Read = Read,
        BasePrefix = "transformer.",
        BlockPrefix = "transformer.h.{0}",
        Modules = new Dictionary<BaseProjection, ModuleSpec>
        {
            [BaseProjection.Embedding] = "transformer.wte",
            [BaseProjection.QueryKeyValue] = new ModuleSpec("attn.c_attn") { Transposed = true },
            [BaseProjection.AttentionOutput] = new ModuleSpec("attn.c_proj") { Transposed = true },
            [BaseProjection.Up] = new ModuleSpec("mlp.c_fc") { Transposed = true },
            [BaseProjection.Down] = new ModuleSpec("mlp.c_proj") { Transposed = true },
            [BaseProjection.Head] = "lm_head",
        },
        Norms = new Dictionary<NormRole, string>
        {
            [NormRole.AttentionInput] = "ln_1",
            [NormRole.MlpInput] = "ln_2",
            [NormRole.Final] = "transformer.ln_f",
        },
        PositionTable = "transformer.wpe",
        Ignored = [".attn.bias", ".attn.masked_bias"],
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        config.Only("add_cross_attention", "false");
        var model = Shared(config) with { FusedQueryKeyValue = new FusedHeads(1) };
        if (!config.Flag("scale_attn_weights", true)) model = model with { AttentionScale = 1 };
        return config.Flag("scale_attn_by_inverse_layer_idx", false)
            ? model.WithBlocks((block, i) => block with { AttentionScale = block.AttentionScale / (i + 1) })
            : model;
    }

    /// <summary>What the descendants of GPT-2 share: learned positions, LayerNorm, an MLP without a gate, biases.</summary>
    internal static DecoderConfig Shared(ConfigReader config)
    {
        var model = LlamaLayout.Read(config);
        return model with
        {
            Rotary = null,
            LearnedPositions = model.ContextLength,
            GatedMlp = false,
            Norm = NormKind.Layer,
            NormBias = true,
            NormEpsilon = config.Number("layer_norm_epsilon", 1e-5),
            QueryKeyValueBias = true,
            AttentionOutputBias = true,
            MlpBias = true,
        };
    }
}
