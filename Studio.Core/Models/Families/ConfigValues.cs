using static TorchSharp.torch;

namespace Studio.Core.Models.Families;

/// <summary>Config values that families share, in the spellings of transformers 4 and 5.</summary>
public static class ConfigValues
{
    /// <summary>An activation by its transformers name.</summary>
    public static Activation Activation(ConfigReader config, string key, string fallback) => (config.Text(key) ?? fallback) switch
    {
        "silu" or "swish" => Models.Activation.Silu,
        "gelu" => Models.Activation.Gelu,
        "gelu_new" or "gelu_pytorch_tanh" => Models.Activation.GeluTanh,
        "relu" => Models.Activation.Relu,
        var other => throw config.Wrong(key, $"'{other}'", "silu, gelu, gelu_new, gelu_pytorch_tanh or relu"),
    };

    /// <summary><c>torch_dtype</c> or <c>dtype</c>; null when absent.</summary>
    public static ScalarType? StoredType(ConfigReader config)
    {
        string key = config.Has("dtype") ? "dtype" : "torch_dtype";
        return config.Text(key) switch
        {
            null => null,
            "float32" => ScalarType.Float32,
            "float16" => ScalarType.Float16,
            "bfloat16" => ScalarType.BFloat16,
            var other => throw config.Wrong(key, $"'{other}'", "float32, float16 or bfloat16"),
        };
    }

    /// <summary>Rotary settings: <c>rope_parameters</c>, or <c>rope_theta</c> with <c>rope_scaling</c>.</summary>
    public static RotaryConfig Rotary(ConfigReader config, int width, double defaultTheta = 10_000)
    {
        var scaling = config.Section("rope_parameters") ?? config.Section("rope_scaling");
        double theta = scaling?.Has("rope_theta") == true ? scaling.Number("rope_theta") : config.Number("rope_theta", defaultTheta);
        var plain = new RotaryConfig { Theta = theta, Width = width };
        string type = scaling?.Text("rope_type") ?? scaling?.Text("type") ?? "default";
        return type switch
        {
            "default" => plain,
            "linear" => plain with { Scaling = RotaryScalingKind.Linear, Factor = scaling!.Number("factor") },
            "llama3" => plain with
            {
                Scaling = RotaryScalingKind.Llama3,
                Factor = scaling!.Number("factor"),
                LowFrequencyFactor = scaling.Number("low_freq_factor"),
                HighFrequencyFactor = scaling.Number("high_freq_factor"),
                OriginalContext = scaling.Positive("original_max_position_embeddings"),
            },
            _ => throw scaling!.Wrong("rope_type", $"'{type}'", "default, linear or llama3"),
        };
    }
}
