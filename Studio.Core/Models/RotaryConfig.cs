namespace Studio.Core.Models;

/// <summary>How rotary frequencies are stretched beyond the context the model was trained on.</summary>
public enum RotaryScalingKind
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>All frequencies divided by the factor.</summary>
    Linear,

    /// <summary>Llama 3: three bands by wavelength.</summary>
    Llama3,

    /// <summary>YaRN (Peng et al. 2023): a ramp between stretched and plain frequencies.</summary>
    Yarn,

    /// <summary>The base grows with the length of the sequence once it exceeds the original context.</summary>
    DynamicNtk,

    /// <summary>LongRoPE (Ding et al. 2024): a factor per frequency, another set of them beyond the original context.</summary>
    LongRope,
}

/// <summary>Rotary position embedding.</summary>
public sealed record RotaryConfig
{
    /// <summary>Base of the frequencies.</summary>
    public double Theta { get; init; } = 10_000;

    /// <summary>Features of each head that are rotated; even.</summary>
    public required int Width { get; init; }

    /// <summary>Whether feature 2i is paired with 2i + 1; else i with i + width / 2.</summary>
    public bool Interleaved { get; init; }

    /// <summary>Kind of stretching.</summary>
    public RotaryScalingKind Scaling { get; init; }

    /// <summary>Stretch factor.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>Factor on cosines and sines.</summary>
    public double AttentionFactor { get; init; } = 1;

    /// <summary>Llama 3: wavelengths above original / this are stretched fully.</summary>
    public double LowFrequencyFactor { get; init; } = 1;

    /// <summary>Llama 3: wavelengths below original / this are kept.</summary>
    public double HighFrequencyFactor { get; init; } = 4;

    /// <summary>YaRN: features with more rotations than this over the original context are kept.</summary>
    public double BetaFast { get; init; } = 32;

    /// <summary>YaRN: features with fewer rotations than this are stretched fully.</summary>
    public double BetaSlow { get; init; } = 1;

    /// <summary>YaRN: whether the ends of the ramp are rounded to whole features.</summary>
    public bool WholeRamp { get; init; } = true;

    /// <summary>LongRoPE: divisors of the frequencies up to the original context, [width / 2].</summary>
    public IReadOnlyList<double> ShortFactors { get; init; } = [];

    /// <summary>LongRoPE: divisors beyond it, [width / 2].</summary>
    public IReadOnlyList<double> LongFactors { get; init; } = [];

    /// <summary>Context length before stretching, in positions.</summary>
    public int OriginalContext { get; init; }

    /// <summary>Whether the frequencies change with the length of the sequence.</summary>
    public bool DependsOnLength => Scaling is RotaryScalingKind.DynamicNtk or RotaryScalingKind.LongRope;
}
