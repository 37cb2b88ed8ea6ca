using static TorchSharp.torch;

namespace Studio.Core.Models.Families;

/// <summary>Config values that families share, in the spellings of transformers 4 and 5.</summary>
public static class ConfigValues
{
    /// <summary>An activation by its transformers name.</summary>
    public static Activation Activation(ConfigReader config, string key)
    {
        ArgumentNullException.ThrowIfNull(config);
        return config.Text(key) switch
        {
            "silu" or "swish" => Models.Activation.Silu,
            "gelu" or "gelu_python" => Models.Activation.Gelu,
            "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" or "gelu_accurate" => Models.Activation.GeluTanh,
            "quick_gelu" => Models.Activation.QuickGelu,
            "relu" => Models.Activation.Relu,
            "relu2" => Models.Activation.SquaredRelu,
            var other => throw config.Wrong(key, other is null ? "missing" : $"'{other}'", "silu, gelu, gelu_new, gelu_fast, gelu_pytorch_tanh, quick_gelu, relu or relu2"),
        };
    }

    /// <summary><c>torch_dtype</c> or <c>dtype</c>; null when absent.</summary>
    public static ScalarType? StoredType(ConfigReader config)
    {
        ArgumentNullException.ThrowIfNull(config);
        string key = config.Has("dtype") ? "dtype" : "torch_dtype";
        return config.Text(key) switch
        {
            null or "auto" => null,
            "float32" => ScalarType.Float32,
            "float16" => ScalarType.Float16,
            "bfloat16" => ScalarType.BFloat16,
            var other => throw config.Wrong(key, $"'{other}'", "float32, float16 or bfloat16"),
        };
    }

    /// <summary>Which blocks have a sliding window: <c>layer_types</c>, or the family's rule where it is absent.</summary>
    public static bool[] SlidingBlocks(ConfigReader config, int blocks, Func<int, bool> rule)
    {
        ArgumentNullException.ThrowIfNull(config);
        var types = config.Texts("layer_types");
        if (types.Count == 0 && config.Has("layer_types")) throw config.Wrong("layer_types", config.Raw("layer_types")!, $"a list with one entry for each of the {blocks} layers");
        if (types.Count == 0) return [.. Enumerable.Range(0, blocks).Select(rule)];
        if (types.Count != blocks) throw config.Wrong("layer_types", $"a list of {types.Count}", $"one entry for each of the {blocks} layers");
        return [.. types.Select(type => type switch
        {
            "sliding_attention" => true,
            "full_attention" => false,
            _ => throw config.Wrong("layer_types", $"'{type}'", "full_attention or sliding_attention"),
        })];
    }

    /// <summary>The window's width; 0 = none.</summary>
    public static int Window(ConfigReader config, string key = "sliding_window")
    {
        ArgumentNullException.ThrowIfNull(config);
        return config.Has(key) ? config.Positive(key) : 0;
    }

    /// <summary>The same config with a window in some blocks.</summary>
    public static DecoderConfig WithWindow(this DecoderConfig model, int window, IReadOnlyList<bool> sliding)
    {
        ArgumentNullException.ThrowIfNull(model);
        return window == 0 ? model : model.WithBlocks((block, i) => sliding[i] ? block with { Window = window } : block);
    }

    /// <summary>The same config with a window in every block.</summary>
    public static DecoderConfig WithWindow(this DecoderConfig model, int window)
    {
        ArgumentNullException.ThrowIfNull(model);
        return window == 0 ? model : model.WithBlocks((block, _) => block with { Window = window });
    }
}
