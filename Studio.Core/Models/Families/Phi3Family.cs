namespace Studio.Core.Models.Families;

/// <summary>Phi-3 and 4: Llama with fused projections (transformers: <c>modeling_phi3.py</c>).</summary>
public static class Phi3Family
{
    private const string Defaults = """
        { "vocab_size": 32064, "hidden_size": 3072, "intermediate_size": 8192, "num_hidden_layers": 32, "num_attention_heads": 32,
          "max_position_embeddings": 4096, "original_max_position_embeddings": 4096, "rms_norm_eps": 1e-5, "bos_token_id": 1, "eos_token_id": 32000 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => LlamaLayout.Family("phi3", Defaults, Read,
        new() { [BaseProjection.QueryKeyValue] = "self_attn.qkv_proj", [BaseProjection.GateUp] = "mlp.gate_up_proj" });

    private static DecoderConfig Read(ConfigReader config)
    {
        var model = LlamaLayout.Read(config) with { FusedQueryKeyValue = new FusedHeads(1), GateUp = GateUpLayout.Halves };
        return model.WithWindow(ConfigValues.Window(config));
    }
}
