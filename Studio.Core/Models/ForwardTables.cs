using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>What the blocks of one forward share: masks, and the rows of every rotary table. Owns them.</summary>
internal sealed class ForwardTables : IDisposable
{
    private readonly Dictionary<RotaryEmbedding, RotaryRows> _rotations = new(ReferenceEqualityComparer.Instance);

    /// <summary>Looks up the rows.</summary>
    public ForwardTables(BatchLayout layout, DecoderConfig config, IEnumerable<RotaryEmbedding> rotaries, ScalarType type, Device device)
    {
        Masks = new AttentionMasks(layout, config.Alibi, type, device);
        using var scope = NewDisposeScope();
        foreach (var rotary in rotaries)
        {
            var rows = rotary.Rows(layout, type);
            _rotations[rotary] = new RotaryRows(rows.Cos.Owned(), rows.Sin.Owned());
        }
    }

    /// <summary>What queries may see.</summary>
    public AttentionMasks Masks { get; }

    /// <summary>The rows of a rotary embedding; none for null.</summary>
    public RotaryRows? RowsOf(RotaryEmbedding? rotary) => rotary is null ? null : _rotations[rotary];

    /// <inheritdoc/>
    public void Dispose()
    {
        Masks.Dispose();
        foreach (var (cos, sin) in _rotations.Values)
        {
            cos.Dispose();
            sin.Dispose();
        }
    }
}
