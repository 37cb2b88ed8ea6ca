namespace Studio.Core.Models.Families;

/// <summary>GPT-J: attention and MLP side by side behind one norm, neighbouring features rotated (transformers: <c>modeling_gptj.py</c>).</summary>
public static class GptJFamily
{
    private const string Defaults = """
        { "vocab_size": 50400, "hidden_size": 4096, "num_hidden_layers": 28, "num_attention_heads": 16, "max_position_embeddings": 2048, "rotary_dim": 64,
          "layer_norm_epsilon": 1e-5, "hidden_act": "gelu_new", "bos_token_id": 50256, "eos_token_id": 50256 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => new()
    {
        ModelType = "gptj",
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
            [BaseProjection.Query] = "attn.q_proj",
            [BaseProjection.Key] = "attn.k_proj",
            [BaseProjection.Value] = "attn.v_proj",
            [BaseProjection.AttentionOutput] = "attn.out_proj",
            [BaseProjection.Up] = "mlp.fc_in",
            [BaseProjection.Down] = "mlp.fc_out",
            [BaseProjection.Head] = "lm_head",
        },
        Norms = new Dictionary<NormRole, string>
        {
            [NormRole.AttentionInput] = "ln_1",
            [NormRole.Final] = "transformer.ln_f",
        },
        Ignored = [".attn.bias", ".attn.masked_bias", ".attn.causal_mask"],
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        return Shared(config);
    }

    /// <summary>What GPT-J and CodeGen share.</summary>
    internal static DecoderConfig Shared(ConfigReader config) => Gpt2Family.Shared(config) with
    {
        LearnedPositions = 0,
        Rotary = new RotaryConfig { Width = config.Positive("rotary_dim"), Interleaved = true },
        ParallelResidual = true,
        BlockNorms = [NormRole.AttentionInput],
        QueryKeyValueBias = false,
        AttentionOutputBias = false,
        HeadBias = true,
    };
}
