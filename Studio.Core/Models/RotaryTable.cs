using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>Cosines and sines of one set of frequencies by position; grows on demand. Safe to use from many threads.</summary>
internal sealed class RotaryTable(RotaryConfig config, Device device, int length) : IDisposable
{
    private readonly float[] _frequencies = RotaryFrequencies.Of(config, length);
    private readonly Lock _gate = new();
    private Tensor? _cos;
    private Tensor? _sin;

    /// <summary>The rows of the given positions, each [rows, 1, width].</summary>
    public RotaryRows Rows(int[] positions, ScalarType type)
    {
        int last = 0;
        foreach (int position in positions) last = Math.Max(last, position);
        var index = tensor(positions, dtype: ScalarType.Int64, device: device);
        lock (_gate)
        {
            Grow(last + 1);
            return new RotaryRows(_cos!.index_select(0, index).to(type).unsqueeze(1), _sin!.index_select(0, index).to(type).unsqueeze(1));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cos?.Dispose();
        _sin?.Dispose();
    }

    private void Grow(int positions)
    {
        if (_cos is not null && _cos.size(0) >= positions) return;
        int rows = 256;
        while (rows < positions) rows *= 2;
        int half = _frequencies.Length;
        var cosines = new float[rows * half * 2];
        var sines = new float[cosines.Length];
        float factor = (float)config.AttentionFactor;
        for (int position = 0; position < rows; position++)
        {
            for (int i = 0; i < half; i++)
            {
                float angle = position * _frequencies[i];
                int at = position * half * 2 + i;
                cosines[at] = cosines[at + half] = MathF.Cos(angle) * factor;
                sines[at] = sines[at + half] = MathF.Sin(angle) * factor;
            }
        }
        _cos?.Dispose();
        _sin?.Dispose();
        _cos = tensor(cosines, [rows, half * 2], device: device).Owned();
        _sin = tensor(sines, [rows, half * 2], device: device).Owned();
    }
}
