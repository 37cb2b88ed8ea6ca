using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters;

/// <summary>
/// Tensors of an adapter that are not trained: random projections, positions, norms of base weights. Owned by the adapter, on its device; those
/// with a fraction have its type.
/// </summary>
public sealed class AdapterBuffers(AdapterSite site) : IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);

    /// <summary>A tensor by name.</summary>
    /// <exception cref="KeyNotFoundException">It was never set.</exception>
    public Tensor this[string name] => _tensors.TryGetValue(name, out var tensor) ? tensor : throw new KeyNotFoundException($"The adapter has no buffer '{name}'.");

    /// <summary>Whether a tensor was set.</summary>
    public bool Has(string name) => _tensors.ContainsKey(name);

    /// <summary>Sets or replaces a tensor; the value itself stays with its owner and is copied.</summary>
    public void Set(string name, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var there = value.detach().to(site.Device);
        var copy = (there.is_floating_point() ? there.to(site.Type, copy: true) : there.clone()).Owned();
        if (_tensors.Remove(name, out var old)) old.Dispose();
        _tensors[name] = copy;
    }

    /// <summary>Frees all of them.</summary>
    public void Dispose()
    {
        foreach (var tensor in _tensors.Values) tensor.Dispose();
        _tensors.Clear();
    }
}
