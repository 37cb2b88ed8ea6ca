using Studio.Core.Tensors;
using Studio.Core.Tensors.Kernels;
using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>Cosines and sines for the rows of one forward, each [rows, 1, width].</summary>
public sealed record RotaryRows(Tensor Cos, Tensor Sin)
{
    private RotaryAngles? _angles;

    /// <summary>The same for written operations; valid longer than the tensors.</summary>
    internal RotaryAngles Angles(bool neighbours)
    {
        if (_angles is not null) return _angles;
        using var scope = NewDisposeScope();
        int pairs = (int)Cos.size(-1) / 2;
        return _angles = new RotaryAngles(Cos.narrow(-1, 0, pairs).ToFloatArray(), Sin.narrow(-1, 0, pairs).ToFloatArray(), pairs, neighbours);
    }
}

/// <summary>
/// Rotary position embedding (Su et al. 2021) in the layouts of transformers' <c>apply_rotary_pos_emb</c>. Tables grow on demand.
/// </summary>
public sealed class RotaryEmbedding(RotaryConfig config, Device device) : IDisposable
{
    private readonly RotaryTable _table = new(config, device, length: 0);
    private readonly RotaryTable? _long = config.Scaling == RotaryScalingKind.LongRope ? new(config, device, int.MaxValue) : null;

    /// <summary>Rows for one forward in the compute type.</summary>
    internal RotaryRows Rows(BatchLayout layout, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var rows = config.DependsOnLength ? Joined(layout, type) : _table.Rows(layout.Positions, type);
        return new RotaryRows(rows.Cos.MoveToOuterDisposeScope(), rows.Sin.MoveToOuterDisposeScope());
    }

    /// <summary>Rotates x [rows, heads, head_width].</summary>
    public Tensor Apply(Tensor x, RotaryRows rows) => config.Interleaved
        ? ScriptKernels.RotatePairs(x, rows.Cos, rows.Sin, config.Width)
        : ScriptKernels.RotateHalf(x, rows.Cos, rows.Sin, config.Width);

    /// <summary>The rotation of the same rows for written operations.</summary>
    internal RotaryAngles Angles(RotaryRows rows) => rows.Angles(config.Interleaved);

    /// <inheritdoc/>
    public void Dispose()
    {
        _table.Dispose();
        _long?.Dispose();
    }

    // Every sequence by its own length.
    private RotaryRows Joined(BatchLayout layout, ScalarType type)
    {
        var rows = layout.Spans.Select((span, i) => RowsOf([.. Enumerable.Range(span.Past, span.Rows)], layout.FinalLength(i), type)).ToList();
        return rows.Count == 1 ? rows[0] : new RotaryRows(cat([.. rows.Select(part => part.Cos)], 0), cat([.. rows.Select(part => part.Sin)], 0));
    }

    private RotaryRows RowsOf(int[] positions, int length, ScalarType type)
    {
        if (length <= config.OriginalContext) return _table.Rows(positions, type);
        if (_long is not null) return _long.Rows(positions, type);
        using var own = new RotaryTable(config, device, length);
        return own.Rows(positions, type);
    }
}
