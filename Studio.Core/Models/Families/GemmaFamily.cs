namespace Studio.Core.Models.Families;

/// <summary>Gemma 1: norms with 1 + weight, scaled embedding (transformers: <c>modeling_gemma.py</c>).</summary>
public static class GemmaFamily
{
    private const string Defaults = """
        { "vocab_size": 256000, "hidden_size": 3072, "intermediate_size": 24576, "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 16,
          "head_dim": 256, "max_position_embeddings": 8192, "rms_norm_eps": 1e-6, "hidden_act": "gelu_pytorch_tanh", "tie_word_embeddings": true,
          "bos_token_id": 2, "eos_token_id": 1 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("gemma", Defaults, Read);

    private static DecoderConfig Read(ConfigReader config)
    {
        bool bias = config.Flag("attention_bias", false);
        var model = Shared(config, "hidden_act") with { QueryKeyValueBias = bias, AttentionOutputBias = bias };
        // Early files say gelu and mean its tanh form, which the models were trained with.
        return model with { Activation = model.Activation is Activation.Gelu or Activation.GeluTanh ? Activation.GeluTanh : throw config.Wrong("hidden_act", model.Activation, "gelu_pytorch_tanh") };
    }

    /// <summary>What all Gemma generations share.</summary>
    internal static DecoderConfig Shared(ConfigReader config, string activation)
    {
        config.Only("use_bidirectional_attention", "false");
        var model = LlamaLayout.Read(config);
        return model with { Activation = ConfigValues.Activation(config, activation), NormUnitOffset = true, EmbeddingScale = Math.Sqrt(model.Hidden) };
    }
}
