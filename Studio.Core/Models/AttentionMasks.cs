using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>What every query of one forward may see: made when a block first asks, shared by all blocks that see the same. Owns the masks.</summary>
internal sealed class AttentionMasks(BatchLayout layout, AlibiConfig? alibi, ScalarType type, Device device) : IDisposable
{
    private readonly Dictionary<(int Sequence, int Window, long Keys), Tensor?> _visible = [];
    private readonly Dictionary<(int Sequence, int Window, long Keys), Tensor> _biases = [];

    /// <summary>Mask [n, m], true = visible, over the last m keys; null where plain causality or no mask at all does.</summary>
    public Tensor? Visible(int sequence, int window, long keys)
    {
        int queries = layout.Spans[sequence].Rows;
        bool windowed = window > 0 && keys > window;
        return !windowed && (queries == 1 || queries == keys) ? null : Explicit(sequence, window, keys);
    }

    /// <summary>The mask itself, also where plain causality would do; null for a single query that sees all keys.</summary>
    public Tensor? Explicit(int sequence, int window, long keys)
    {
        int queries = layout.Spans[sequence].Rows;
        if (queries == 1 && (window == 0 || keys <= window)) return null;
        if (_visible.TryGetValue((sequence, window, keys), out var known)) return known;
        using var scope = NewDisposeScope();
        long before = keys - queries;
        var mask = ones([queries, keys], dtype: ScalarType.Bool, device: device).tril(before);
        if (window > 0 && keys > window) mask = mask.triu(before - window + 1);
        return _visible[(sequence, window, keys)] = mask.Owned();
    }

    /// <summary>Additive mask [1, heads, n, m] with the position biases.</summary>
    public Tensor Biased(int sequence, int window, long keys)
    {
        if (_biases.TryGetValue((sequence, window, keys), out var known)) return known;
        using var scope = NewDisposeScope();
        var span = layout.Spans[sequence];
        var biases = Biases(span.Past + span.Rows - keys, keys); // [heads, 1, m]
        if (Explicit(sequence, window, keys) is { } visible) biases = biases.masked_fill(visible.logical_not(), double.NegativeInfinity); // [heads, n, m]
        return _biases[(sequence, window, keys)] = biases.unsqueeze(0).to(type).Owned();
    }

    /// <summary>Frees the masks.</summary>
    public void Dispose()
    {
        foreach (var mask in _visible.Values) mask?.Dispose();
        foreach (var biases in _biases.Values) biases.Dispose();
    }

    private Tensor Biases(long firstPosition, long keys)
    {
        var config = alibi!;
        var positions = arange(firstPosition, firstPosition + keys, dtype: ScalarType.Float32, device: device);
        var slopes = tensor(config.Slopes.Select(slope => (float)slope).ToArray(), device: device).view(-1, 1, 1); // [heads, 1, 1]
        if (config.RoundedToBFloat16) return (slopes.to(ScalarType.BFloat16) * positions.to(ScalarType.Int64)).to(ScalarType.Float32) * config.Scale;
        // The softmax does not feel a shift of all keys: counted from the last one the biases stay small and exact.
        return slopes * (positions - (firstPosition + keys - 1)) * config.Scale;
    }
}
