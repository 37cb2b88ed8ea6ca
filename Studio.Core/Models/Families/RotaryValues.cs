namespace Studio.Core.Models.Families;

/// <summary>Rotary settings of a config: <c>rope_parameters</c> (transformers 5), or <c>rope_theta</c> with <c>rope_scaling</c>.</summary>
public static class RotaryValues
{
    private const string Supported = "default, linear, dynamic, yarn, longrope or llama3";

    /// <summary>The settings for heads of a width.</summary>
    /// <param name="config">The model's config.</param>
    /// <param name="headWidth">Features of a head.</param>
    /// <param name="contextLength">Positions the model was made for.</param>
    public static RotaryConfig Read(ConfigReader config, int headWidth, int contextLength)
    {
        ArgumentNullException.ThrowIfNull(config);
        return Read(config, config.Section("rope_parameters") ?? config.Section("rope_scaling"), headWidth, contextLength, config.Number("rope_theta", 10_000));
    }

    /// <summary>The settings of one section; null = no scaling.</summary>
    public static RotaryConfig Read(ConfigReader config, ConfigReader? section, int headWidth, int contextLength, double theta)
    {
        ArgumentNullException.ThrowIfNull(config);
        double part = section?.Has("partial_rotary_factor") == true ? section.Number("partial_rotary_factor") : config.Number("partial_rotary_factor", 1);
        if (!(part >= 0 && part <= 1)) throw config.Wrong("partial_rotary_factor", part, "0 to 1");
        var plain = new RotaryConfig { Theta = section?.Number("rope_theta", theta) ?? theta, Width = (int)(headWidth * part) };
        string type = section?.Text("rope_type") ?? section?.Text("type") ?? "default";
        return type switch
        {
            "default" => plain,
            "linear" => plain with { Scaling = RotaryScalingKind.Linear, Factor = section!.Number("factor") },
            "dynamic" => plain with { Scaling = RotaryScalingKind.DynamicNtk, Factor = section!.Number("factor"), OriginalContext = contextLength },
            "llama3" => plain with
            {
                Scaling = RotaryScalingKind.Llama3,
                Factor = section!.Number("factor"),
                LowFrequencyFactor = section.Number("low_freq_factor"),
                HighFrequencyFactor = section.Number("high_freq_factor"),
                OriginalContext = section.Positive("original_max_position_embeddings"),
            },
            "yarn" => Yarn(plain, section!, contextLength),
            "longrope" or "su" => LongRope(plain, config, section!, contextLength),
            _ => throw section!.Wrong("rope_type", $"'{type}'", Supported),
        };
    }

    // Where the original context is given, the ratio of the contexts is the factor and the config's own is not used, as in transformers.
    private static RotaryConfig Yarn(RotaryConfig plain, ConfigReader section, int contextLength)
    {
        int? original = section.OptionalInt("original_max_position_embeddings");
        double factor = original is > 0 and var before ? (double)contextLength / before : section.Number("factor");
        double attention = section.Has("attention_factor") ? section.Number("attention_factor")
            : section.Number("mscale", 0) is var scale and not 0 && section.Number("mscale_all_dim", 0) is var all and not 0 ? Magnitude(factor, scale) / Magnitude(factor, all)
            : Magnitude(factor, 1);
        return plain with
        {
            Scaling = RotaryScalingKind.Yarn,
            Factor = factor,
            AttentionFactor = attention,
            BetaFast = section.Number("beta_fast", 32) is not 0 and var fast ? fast : 32,
            BetaSlow = section.Number("beta_slow", 1) is not 0 and var slow ? slow : 1,
            WholeRamp = section.Flag("truncate", true),
            OriginalContext = original is > 0 ? original.Value : contextLength,
        };

        static double Magnitude(double factor, double scale) => factor <= 1 ? 1 : 0.1 * scale * Math.Log(factor) + 1;
    }

    private static RotaryConfig LongRope(RotaryConfig plain, ConfigReader config, ConfigReader section, int contextLength)
    {
        int? stated = config.OptionalInt("original_max_position_embeddings") ?? section.OptionalInt("original_max_position_embeddings");
        int original = stated is > 0 ? stated.Value : contextLength;
        double factor = stated is > 0 ? (double)contextLength / original : section.Number("factor");
        double attention = section.Has("attention_factor") ? section.Number("attention_factor")
            : factor <= 1 ? 1 : Math.Sqrt(1 + Math.Log(factor) / Math.Log(original));
        return plain with
        {
            Scaling = RotaryScalingKind.LongRope,
            AttentionFactor = attention,
            OriginalContext = original,
            ShortFactors = Factors("short_factor"),
            LongFactors = Factors("long_factor"),
        };

        IReadOnlyList<double> Factors(string key) => section.Numbers(key) is var factors && factors.Count == plain.Width / 2 && factors.All(one => one > 0)
            ? factors
            : throw section.Wrong(key, $"a list of {factors.Count}", $"{plain.Width / 2} numbers above 0, one per pair of rotated features");
    }
}
