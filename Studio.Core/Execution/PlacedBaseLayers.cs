using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Execution;

/// <summary>
/// The door of a client whose activations live on another device than the base. Each call brings its rows to the base and the result back: one
/// copy each way, in the narrower of the two types. The client owns the results, which lie on its device.
/// </summary>
public class PlacedBaseLayers : IBaseLayers
{
    private readonly IBaseLayers _inner;
    private readonly ClientOptions _client;
    private readonly Device _home;
    private readonly Device _base;
    private readonly ScalarType _baseType;

    private PlacedBaseLayers(IBaseLayers inner, ClientOptions client, FrozenLayers layers)
    {
        _inner = inner;
        _client = client;
        _home = client.Device!;
        _base = layers.Device;
        _baseType = layers.ComputeType;
    }

    /// <summary>The door between a client and frozen layers: <paramref name="inner"/> itself where both are on one device.</summary>
    /// <param name="inner">The door at the base; belongs to the result. Attached with the options of <see cref="AtTheBase"/>.</param>
    /// <param name="client">Where and in which type the client computes.</param>
    /// <param name="layers">The frozen layers behind the door.</param>
    public static IBaseLayers Between(IBaseLayers inner, ClientOptions client, FrozenLayers layers)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(layers);
        if (IsAtTheBase(client, layers)) return inner;
        return inner is IBaseWeights weights ? new ShowingWeights(inner, weights, client, layers) : new PlacedBaseLayers(inner, client, layers);
    }

    /// <summary>How a client's door at the base is attached: results that travel are no wider than they must be.</summary>
    public static ClientOptions AtTheBase(ClientOptions client, FrozenLayers layers)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(layers);
        return IsAtTheBase(client, layers) ? client : client with { Type = Narrower(client.Type ?? layers.ComputeType, layers.ComputeType) };
    }

    /// <inheritdoc/>
    public LayerDescription Describe(LayerId layer) => _inner.Describe(layer);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">A transfer failed; the message says which, from where to where.</exception>
    public Tensor Forward(LayerId layer, Tensor x, RowGroups? rowGroups = null, CancellationToken ct = default) =>
        Call(layer, CallDirection.Forward, x, rowGroups, ct);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">A transfer failed; the message says which, from where to where.</exception>
    public Tensor Backward(LayerId layer, Tensor dy, RowGroups? rowGroups = null, CancellationToken ct = default) =>
        Call(layer, CallDirection.Backward, dy, rowGroups, ct);

    /// <inheritdoc/>
    public IDisposable BeginPass(PassKind kind, CancellationToken ct = default) => _inner.BeginPass(kind, ct);

    /// <summary>Detaches from the base.</summary>
    public void Dispose()
    {
        _inner.Dispose();
        GC.SuppressFinalize(this);
    }

    private static bool IsAtTheBase(ClientOptions client, FrozenLayers layers) => client.Device is null || client.Device.IsSame(layers.Device);

    private static ScalarType Narrower(ScalarType a, ScalarType b) => SafeTensorTypes.Bytes(b) < SafeTensorTypes.Bytes(a) ? b : a;

    private Tensor Call(LayerId layer, CallDirection direction, Tensor rows, RowGroups? groups, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ct.ThrowIfCancellationRequested();
        if (!rows.IsOn(_home))
            throw new ArgumentException($"Client '{_client.Name}' computes on {_home.Name()}, its input for '{layer}' is on {rows.device.Name()}.", nameof(rows));
        using var grad = no_grad();
        bool ids = !rows.is_floating_point();
        // The type of the answer is that of a door at the base: the client's own, or that of rows in a type of their own.
        var type = ids || rows.dtype == _baseType ? _client.Type ?? _baseType : rows.dtype;
        using var there = Carried(layer, rows, _home, _base, ids ? rows.dtype : Narrower(rows.dtype, _baseType));
        using var y = direction == CallDirection.Forward ? _inner.Forward(layer, there, groups, ct) : _inner.Backward(layer, there, groups, ct);
        return Carried(layer, y, _base, _home, type);
    }

    private Tensor Brought(LayerId layer, Tensor answer)
    {
        using (answer) return Carried(layer, answer, _base, _home, answer.dtype);
    }

    // Whichever cast makes fewer bytes comes before the journey, the other one after it.
    private Tensor Carried(LayerId layer, Tensor x, Device from, Device to, ScalarType type)
    {
        if (SafeTensorTypes.Bytes(type) < x.ElementSize)
        {
            using var narrow = x.to(type);
            return Moved(layer, narrow, from, to);
        }
        var moved = Moved(layer, x, from, to);
        if (moved.dtype == type) return moved;
        using (moved) return moved.to(type);
    }

    private Tensor Moved(LayerId layer, Tensor x, Device from, Device to)
    {
        try
        {
            return _client.Transfer.Move(x, to);
        }
        catch (Exception error) when (error is not (OutOfMemoryException or OperationCanceledException))
        {
            throw new InvalidOperationException(
                $"'{layer}': {x.dtype} [{string.Join(", ", x.shape)}] of client '{_client.Name}' could not be brought from {from.Name()} to {to.Name()}: {error.Message}", error);
        }
    }

    private sealed class ShowingWeights(IBaseLayers inner, IBaseWeights weights, ClientOptions client, FrozenLayers layers) : PlacedBaseLayers(inner, client, layers), IBaseWeights
    {
        public Tensor RowNorms(LayerId layer) => Brought(layer, weights.RowNorms(layer));

        public Tensor Rows(LayerId layer, Tensor ids)
        {
            using var there = Carried(layer, ids, _home, _base, ids.dtype);
            return Brought(layer, weights.Rows(layer, there));
        }

        public Tensor Weight(LayerId layer) => Brought(layer, weights.Weight(layer));

        public Tensor? Bias(LayerId layer) => weights.Bias(layer) is { } bias ? Brought(layer, bias) : null;
    }
}
