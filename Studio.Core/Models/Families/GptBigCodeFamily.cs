namespace Studio.Core.Models.Families;

/// <summary>GPT-BigCode (StarCoder 1): GPT-2 with one key/value head (transformers: <c>modeling_gpt_bigcode.py</c>).</summary>
public static class GptBigCodeFamily
{
    private const string Defaults = """
        { "vocab_size": 50257, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "max_position_embeddings": 1024,
          "layer_norm_epsilon": 1e-5, "hidden_act": "gelu_pytorch_tanh", "scale_attn_weights": true, "multi_query": true,
          "tie_word_embeddings": true, "bos_token_id": 50256, "eos_token_id": 50256 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => new()
    {
        ModelType = "gpt_bigcode",
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
            [BaseProjection.QueryKeyValue] = "attn.c_attn",
            [BaseProjection.AttentionOutput] = "attn.c_proj",
            [BaseProjection.Up] = "mlp.c_fc",
            [BaseProjection.Down] = "mlp.c_proj",
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
        bool single = config.Flag("multi_query", true);
        var model = Gpt2Family.Shared(config);
        return model with
        {
            KeyValueHeads = single ? 1 : model.Heads,
            FusedQueryKeyValue = new FusedHeads(single ? 1 : model.Heads),
            AttentionScale = config.Flag("scale_attn_weights", true) ? model.AttentionScale : 1,
        };
    }
}
