namespace Studio.Core.Models.Families;

/// <summary>StarCoder2: LayerNorm, an MLP without a gate, a sliding window (transformers: <c>modeling_starcoder2.py</c>).</summary>
public static class Starcoder2Family
{
    private const string Defaults = """
        { "vocab_size": 49152, "hidden_size": 3072, "intermediate_size": 12288, "num_hidden_layers": 30, "num_attention_heads": 24, "num_key_value_heads": 2,
          "max_position_embeddings": 4096, "norm_epsilon": 1e-5, "hidden_act": "gelu_pytorch_tanh", "use_bias": true, "tie_word_embeddings": true,
          "bos_token_id": 50256, "eos_token_id": 50256 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("starcoder2", Defaults, Read,
        new() { [BaseProjection.Up] = "mlp.c_fc", [BaseProjection.Down] = "mlp.c_proj" });

    private static DecoderConfig Read(ConfigReader config)
    {
        config.Only("norm_type", "layer_norm");
        config.Only("mlp_type", "default");
        bool bias = config.Flag("use_bias", true);
        var model = LlamaLayout.Read(config) with
        {
            GatedMlp = false,
            Norm = NormKind.Layer,
            NormBias = true,
            NormEpsilon = config.Number("norm_epsilon", 1e-5),
            QueryKeyValueBias = bias,
            AttentionOutputBias = bias,
            MlpBias = bias,
        };
        return model.WithWindow(ConfigValues.Window(config));
    }
}
