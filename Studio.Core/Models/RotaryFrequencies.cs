namespace Studio.Core.Models;

/// <summary>
/// Angular frequencies of rotary embeddings, radians per position (transformers <c>modeling_rope_utils.py</c>). In fp32, as the reference
/// computes them: otherwise long positions drift apart.
/// </summary>
public static class RotaryFrequencies
{
    /// <summary>Frequency of each feature pair, [width / 2].</summary>
    /// <param name="config">The embedding.</param>
    /// <param name="length">Length of the sequence, for scalings that depend on it.</param>
    public static float[] Of(RotaryConfig config, int length)
    {
        ArgumentNullException.ThrowIfNull(config);
        float theta = (float)(config.Scaling == RotaryScalingKind.DynamicNtk ? DynamicTheta(config, length) : config.Theta);
        var frequencies = new float[config.Width / 2];
        var (low, high) = config.Scaling == RotaryScalingKind.Yarn ? Ramp(config) : default;
        for (int i = 0; i < frequencies.Length; i++)
        {
            float power = MathF.Pow(theta, 2f * i / config.Width), plain = 1f / power;
            frequencies[i] = config.Scaling switch
            {
                RotaryScalingKind.Linear => plain / (float)config.Factor,
                RotaryScalingKind.Llama3 => Llama3(plain, config),
                RotaryScalingKind.Yarn => Blend(plain, plain / (float)config.Factor, (float)((i - low) / (high - low))),
                RotaryScalingKind.LongRope => 1f / ((float)(length > config.OriginalContext ? config.LongFactors : config.ShortFactors)[i] * power),
                _ => plain,
            };
        }
        return frequencies;
    }

    // Wavelengths longer than original/low are divided by the factor, shorter than original/high kept, between them blended.
    private static float Llama3(float plain, RotaryConfig config)
    {
        float wavelength = 2 * MathF.PI / plain, scaled = plain / (float)config.Factor;
        if (wavelength > config.OriginalContext / config.LowFrequencyFactor) return scaled;
        if (wavelength < config.OriginalContext / config.HighFrequencyFactor) return plain;
        double smooth = (config.OriginalContext / wavelength - config.LowFrequencyFactor) / (config.HighFrequencyFactor - config.LowFrequencyFactor);
        return (float)((1 - smooth) * scaled + smooth * plain);
    }

    private static float Blend(float plain, float stretched, float share)
    {
        share = Math.Clamp(share, 0, 1);
        return stretched * share + plain * (1 - share);
    }

    private static (double Low, double High) Ramp(RotaryConfig config)
    {
        double low = FeatureOf(config.BetaFast), high = FeatureOf(config.BetaSlow);
        if (config.WholeRamp) (low, high) = (Math.Floor(low), Math.Ceiling(high));
        (low, high) = (Math.Max(low, 0), Math.Min(high, config.Width - 1));
        return (low, low == high ? high + 0.001 : high);

        double FeatureOf(double rotations) => config.Width * Math.Log(config.OriginalContext / (rotations * 2 * Math.PI)) / (2 * Math.Log(config.Theta));
    }

    private static double DynamicTheta(RotaryConfig config, int length)
    {
        double stretch = config.Factor * Math.Max(length, config.OriginalContext) / config.OriginalContext - (config.Factor - 1);
        return config.Theta * Math.Pow(stretch, (double)config.Width / (config.Width - 2));
    }
}
