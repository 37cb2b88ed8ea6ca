using System.Runtime.ExceptionServices;
using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Core.Execution;

/// <summary>One part of a base and a client's door to it.</summary>
/// <param name="Range">Its layers.</param>
/// <param name="Layers">The door; takes and gives tensors on the client's device.</param>
public sealed record BaseShard(LayerRange Range, IBaseLayers Layers);

/// <summary>
/// The parts of a base, wherever they are, as one base: every call goes to the part that holds its layer, and a pass is announced to all of them.
/// A client cannot tell it from a base in one place.
/// </summary>
public class ShardedBaseLayers : IBaseLayers
{
    private readonly BaseShard[] _shards;
    private readonly IBaseLayers[] _byBlock;
    private readonly IBaseLayers _embedding;
    private readonly IBaseLayers _head;

    private ShardedBaseLayers(IReadOnlyList<BaseShard> shards)
    {
        _shards = [.. shards];
        _byBlock = [.. shards.SelectMany(shard => Enumerable.Repeat(shard.Layers, shard.Range.Blocks))];
        _embedding = shards.Single(shard => shard.Range.Embedding).Layers;
        _head = shards.Single(shard => shard.Range.Head).Layers;
    }

    /// <summary>Joins parts; shows weights where all of them do.</summary>
    /// <param name="shards">All parts, in the order of their blocks. Disposed with the result.</param>
    /// <exception cref="ArgumentException">They are no whole base.</exception>
    public static IBaseLayers Join(IReadOnlyList<BaseShard> shards)
    {
        ArgumentNullException.ThrowIfNull(shards);
        LayerRange.RequireWhole([.. shards.Select(shard => shard.Range)]);
        return shards.All(shard => shard.Layers is IBaseWeights) ? new ShowingWeights(shards) : new ShardedBaseLayers(shards);
    }

    /// <inheritdoc/>
    public LayerDescription Describe(LayerId layer) => Of(layer).Describe(layer);

    /// <inheritdoc/>
    public Tensor Forward(LayerId layer, Tensor x, RowGroups? rowGroups = null, CancellationToken ct = default) => Of(layer).Forward(layer, x, rowGroups, ct);

    /// <inheritdoc/>
    public Tensor Backward(LayerId layer, Tensor dy, RowGroups? rowGroups = null, CancellationToken ct = default) => Of(layer).Backward(layer, dy, rowGroups, ct);

    /// <summary>Begins the pass at every part in order; the result ends them in reverse.</summary>
    public IDisposable BeginPass(PassKind kind, CancellationToken ct = default)
    {
        var begun = new Stack<IDisposable>(_shards.Length);
        try
        {
            foreach (var shard in _shards) begun.Push(shard.Layers.BeginPass(kind, ct));
            return new Passes(begun);
        }
        catch
        {
            DisposeAll(begun);
            throw;
        }
    }

    /// <summary>Detaches from all parts.</summary>
    public void Dispose()
    {
        DisposeAll(_shards.Reverse().Select(shard => shard.Layers));
        GC.SuppressFinalize(this);
    }

    private IBaseLayers Of(LayerId layer) => layer.Projection switch
    {
        BaseProjection.Embedding or BaseProjection.ProjectIn => _embedding,
        BaseProjection.Head or BaseProjection.ProjectOut => _head,
        _ when (uint)layer.Block < (uint)_byBlock.Length => _byBlock[layer.Block],
        _ => throw new ArgumentException($"The base has blocks 0..{_byBlock.Length - 1} and no layer '{layer}'.", nameof(layer)),
    };

    // All of them, whatever one of them throws: what stays attached would hold the others up.
    private static void DisposeAll(IEnumerable<IDisposable> parts)
    {
        Exception? first = null;
        foreach (var part in parts)
        {
            try
            {
                part.Dispose();
            }
            catch (Exception error)
            {
                first ??= error;
            }
        }
        if (first is not null) ExceptionDispatchInfo.Throw(first);
    }

    private sealed class Passes(Stack<IDisposable> begun) : IDisposable
    {
        private Stack<IDisposable>? _begun = begun;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _begun, null) is { } passes) DisposeAll(passes);
        }
    }

    private sealed class ShowingWeights(IReadOnlyList<BaseShard> shards) : ShardedBaseLayers(shards), IBaseWeights
    {
        public Tensor RowNorms(LayerId layer) => Weights(layer).RowNorms(layer);

        public Tensor Rows(LayerId layer, Tensor ids) => Weights(layer).Rows(layer, ids);

        public Tensor Weight(LayerId layer) => Weights(layer).Weight(layer);

        public Tensor? Bias(LayerId layer) => Weights(layer).Bias(layer);

        private IBaseWeights Weights(LayerId layer) => (IBaseWeights)Of(layer);
    }
}
