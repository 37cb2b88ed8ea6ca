using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>Cosines and sines for the rows of one forward, each [rows, 1, width].</summary>
/// <param name="Cos">Cosines of the new rows.</param>
/// <param name="Sin">Their sines.</param>
/// <param name="Keys">Per sequence those of all its keys, cached ones included, where frequencies depend on the length; else null.</param>
public sealed record RotaryRows(Tensor Cos, Tensor Sin, IReadOnlyList<RotaryRows>? Keys = null);

/// <summary>
/// Rotary position embedding (Su et al. 2021) in the layouts of transformers' <c>apply_rotary_pos_emb</c>. Tables grow on demand.
/// </summary>
public sealed class RotaryEmbedding(RotaryConfig config, Device device) : IDisposable
{
    private readonly RotaryTable _table = new(config, device, length: 0);
    private readonly RotaryTable? _long = config.Scaling == RotaryScalingKind.LongRope ? new(config, device, int.MaxValue) : null;

    /// <summary>Whether keys are to be rotated when they are used.</summary>
    public bool DependsOnLength => config.DependsOnLength;

    /// <summary>Rows for one forward in the compute type.</summary>
    internal RotaryRows Rows(BatchLayout layout, ScalarType type)
    {
        using var scope = NewDisposeScope();
        if (!DependsOnLength) return Moved(_table.Rows(layout.Positions, type));
        var (keys, queries) = (new List<RotaryRows>(), new List<RotaryRows>());
        for (int i = 0; i < layout.Spans.Count; i++)
        {
            var span = layout.Spans[i];
            int length = span.Past + span.Rows;
            var all = RowsUpTo(length, type);
            queries.Add(new RotaryRows(all.Cos.narrow(0, span.Past, span.Rows), all.Sin.narrow(0, span.Past, span.Rows)));
            // A prefix is put in front of the keys as it is, without a rotation.
            int prefix = layout.PrefixInCache(i);
            keys.Add(Moved(new RotaryRows(all.Cos.narrow(0, prefix, length - prefix), all.Sin.narrow(0, prefix, length - prefix))));
        }
        return Moved(new RotaryRows(cat([.. queries.Select(rows => rows.Cos)], 0), cat([.. queries.Select(rows => rows.Sin)], 0), keys));
    }

    /// <summary>Rotates x [rows, heads, head_width].</summary>
    public Tensor Apply(Tensor x, RotaryRows rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return config.Interleaved ? ScriptKernels.RotatePairs(x, rows.Cos, rows.Sin, config.Width) : ScriptKernels.RotateHalf(x, rows.Cos, rows.Sin, config.Width);
    }

    /// <summary>Rotates the keys of one sequence, [kv_heads, n, head_width], all but the prefix in front of them.</summary>
    internal Tensor ApplyToKeys(Tensor keys, RotaryRows rows)
    {
        long prefix = keys.size(1) - rows.Cos.size(0);
        var turned = Apply(keys.narrow(1, prefix, keys.size(1) - prefix).transpose(0, 1), rows).transpose(0, 1);
        return prefix == 0 ? turned : cat([keys.narrow(1, 0, prefix), turned], 1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _table.Dispose();
        _long?.Dispose();
    }

    private RotaryRows RowsUpTo(int length, ScalarType type)
    {
        if (length <= config.OriginalContext) return _table.First(length, type);
        if (_long is not null) return _long.First(length, type);
        using var own = new RotaryTable(config, device, length);
        return own.First(length, type);
    }

    private static RotaryRows Moved(RotaryRows rows) => rows with { Cos = rows.Cos.MoveToOuterDisposeScope(), Sin = rows.Sin.MoveToOuterDisposeScope() };
}
