using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>Cosines and sines for the rows of one forward, each [rows, 1, width].</summary>
public readonly record struct RotaryRows(Tensor Cos, Tensor Sin);

/// <summary>
/// Rotary position embedding (Su et al. 2021) in the half-split layout of transformers' <c>apply_rotary_pos_emb</c>. Tables grow on demand.
/// </summary>
public sealed class RotaryEmbedding : IDisposable
{
    private readonly RotaryConfig _config;
    private readonly Device _device;
    private readonly double[] _frequencies;
    private readonly Lock _gate = new();
    private Tensor? _cos;
    private Tensor? _sin;

    /// <summary>Prepares the frequencies.</summary>
    public RotaryEmbedding(RotaryConfig config, Device device)
    {
        _config = config;
        _device = device;
        _frequencies = Frequencies(config);
    }

    /// <summary>Table rows of the given positions in the compute type.</summary>
    public RotaryRows Rows(int[] positions, ScalarType type)
    {
        using var scope = NewDisposeScope();
        int last = 0;
        foreach (int position in positions) last = Math.Max(last, position);
        var index = tensor(positions, dtype: ScalarType.Int64, device: _device);
        lock (_gate)
        {
            Grow(last + 1);
            var cos = _cos!.index_select(0, index).to(type).unsqueeze(1);
            var sin = _sin!.index_select(0, index).to(type).unsqueeze(1);
            return new RotaryRows(cos.MoveToOuterDisposeScope(), sin.MoveToOuterDisposeScope());
        }
    }

    /// <summary>Rotates x [rows, heads, head_width].</summary>
    public Tensor Apply(Tensor x, RotaryRows rows) => ScriptKernels.RotateHalf(x, rows.Cos, rows.Sin, _config.Width);

    /// <summary>Angular frequency of each feature pair, radians per position.</summary>
    /// <remarks>Llama 3: wavelengths longer than original/low are divided by the factor, shorter than original/high kept, between them blended
    /// (transformers <c>_compute_llama3_parameters</c>).</remarks>
    public static double[] Frequencies(RotaryConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var frequencies = new double[config.Width / 2];
        for (int i = 0; i < frequencies.Length; i++)
        {
            // The reference computes in fp32; so do we, or long positions drift apart.
            float plain = 1f / MathF.Pow((float)config.Theta, 2f * i / config.Width);
            frequencies[i] = config.Scaling switch
            {
                RotaryScalingKind.Linear => plain / (float)config.Factor,
                RotaryScalingKind.Llama3 => Llama3(plain, config),
                _ => plain,
            };
        }
        return frequencies;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cos?.Dispose();
        _sin?.Dispose();
    }

    private static float Llama3(float plain, RotaryConfig config)
    {
        float wavelength = 2 * MathF.PI / plain, scaled = plain / (float)config.Factor;
        if (wavelength > config.OriginalContext / config.LowFrequencyFactor) return scaled;
        if (wavelength < config.OriginalContext / config.HighFrequencyFactor) return plain;
        double smooth = (config.OriginalContext / wavelength - config.LowFrequencyFactor) / (config.HighFrequencyFactor - config.LowFrequencyFactor);
        return (float)((1 - smooth) * scaled + smooth * plain);
    }

    private void Grow(int positions)
    {
        if (_cos is not null && _cos.size(0) >= positions) return;
        int length = 256;
        while (length < positions) length *= 2;
        int half = _frequencies.Length;
        var cosines = new float[length * half * 2];
        var sines = new float[cosines.Length];
        for (int position = 0; position < length; position++)
        {
            for (int i = 0; i < half; i++)
            {
                float angle = position * (float)_frequencies[i];
                int at = position * half * 2 + i;
                cosines[at] = cosines[at + half] = MathF.Cos(angle);
                sines[at] = sines[at + half] = MathF.Sin(angle);
            }
        }
        _cos?.Dispose();
        _sin?.Dispose();
        _cos = tensor(cosines, [length, half * 2], device: _device).Owned();
        _sin = tensor(sines, [length, half * 2], device: _device).Owned();
    }
}
