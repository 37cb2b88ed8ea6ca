using Studio.Core.Adapters;
using Studio.Core.Models;
using Studio.Core.Tensors.Kernels;
using static TorchSharp.torch;

namespace Studio.Core.Clients;

/// <summary>
/// Split execution: base layers behind <see cref="IBaseLayers"/>, everything else here. With a tape it records a training step; without one it
/// serves inference, where sequences may have different adapters.
/// </summary>
public sealed class SplitContext : AdaptedContext
{
    private readonly IBaseLayers _layers;
    private readonly Generator? _random;
    private readonly AdapterBinding? _trained;
    private readonly CancellationToken _ct;
    private SplitTape? _tape;

    private SplitContext(IBaseLayers layers, ModuleMap modules, SplitTape? tape, IReadOnlyList<AdapterBinding?> bindings, Generator? random, CancellationToken ct)
        : base(modules, bindings)
    {
        _random = random;
        _layers = layers;
        _tape = tape;
        _trained = tape is null ? null : bindings[0];
        _ct = ct;
    }

    /// <summary>A training context: one adapter, recorded on the tape.</summary>
    /// <param name="layers">The client's door to the base.</param>
    /// <param name="modules">Names of the model's modules.</param>
    /// <param name="tape">Records the cuts; replayed by the caller.</param>
    /// <param name="adapter">What is trained.</param>
    /// <param name="random">The client's generator for dropout; null turns dropout off.</param>
    /// <param name="ct">Cancels base calls.</param>
    public static SplitContext ForTraining(IBaseLayers layers, ModuleMap modules, SplitTape tape, IAdapter adapter, Generator? random, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        ArgumentNullException.ThrowIfNull(tape);
        var pass = new AdapterPass(random is not null, random, tape.Cut);
        adapter.BeginPass(pass);
        return new SplitContext(layers, modules, tape, [new AdapterBinding(adapter, pass)], random, ct);
    }

    /// <summary>An inference context: one adapter (or null for the plain base) per sequence of the batch, or a single entry for all.</summary>
    public static SplitContext ForInference(IBaseLayers layers, ModuleMap modules, IReadOnlyList<IAdapter?> adapters, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(adapters);
        var bindings = new Dictionary<IAdapter, AdapterBinding>(ReferenceEqualityComparer.Instance);
        foreach (var adapter in adapters)
        {
            if (adapter is null || bindings.ContainsKey(adapter)) continue;
            var pass = new AdapterPass(training: false, random: null, cut: x => x);
            adapter.BeginPass(pass);
            bindings[adapter] = new AdapterBinding(adapter, pass);
        }
        return new SplitContext(layers, modules, tape: null, [.. adapters.Select(adapter => adapter is null ? null : bindings[adapter])], random: null, ct);
    }

    /// <summary>Where every adapter has an update of the whole call, or does not act on it.</summary>
    public override Tensor? ProjectWhole(LayerId layer, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        var parts = Placed(Describe(layer).Parts);
        return _tape is null ? Served(layer, x, parts)
            : TryUpdate(_trained, parts, out var update) ? _tape.Base(layer, x, update: update, ct: _ct)
            : null;
    }

    /// <inheritdoc/>
    public override Tensor? Run(WrittenOperation operation, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(x);
        if (!x.is_leaf || !RowLoop.Suits(x)) return null;
        if (_tape is not null) return operation.HasDerivative ? _tape.Run(operation, x) : null;
        return x.requires_grad ? null : operation.Forward(x);
    }

    /// <inheritdoc/>
    public override Tensor? Run(WrittenOperation operation, IReadOnlyList<Tensor> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return parts.All(RowLoop.Knows) ? Run(operation, Cut(cat([.. parts], 1))) : null;
    }

    /// <inheritdoc/>
    public override Tensor Block(Tensor hidden, Func<Tensor, Tensor> block)
    {
        ArgumentNullException.ThrowIfNull(block);
        return _tape is { Checkpoints: true } ? _tape.Checkpoint(hidden, (own, x) => On(own, () => block(x)), _random) : block(hidden);
    }

    /// <inheritdoc/>
    public override bool Keep(IDisposable shared)
    {
        if (_tape is not { Checkpoints: true }) return false;
        _tape.Keep(shared);
        return true;
    }

    /// <inheritdoc/>
    public override Tensor Normalize(NormId id, Norm norm, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(norm);
        return norm.Written is { } written && !OverridesNorm(id, norm) && Run(written, x) is { } y ? y : base.Normalize(id, norm, x);
    }

    /// <inheritdoc/>
    public override Tensor Cut(Tensor x) => _tape is null ? x : _tape.Cut(x);

    /// <inheritdoc/>
    protected override LayerDescription Describe(LayerId layer) => _layers.Describe(layer);

    /// <inheritdoc/>
    protected override Tensor BaseCall(LayerId layer, Tensor x, RowGroups? rowGroups) =>
        _tape is null ? _layers.Forward(layer, x, rowGroups, _ct) : _tape.Base(layer, x, rowGroups, ct: _ct);

    // What a block records goes to a tape of its own.
    private Tensor On(SplitTape own, Func<Tensor> block)
    {
        var outer = _tape;
        _tape = own;
        try
        {
            return block();
        }
        finally
        {
            _tape = outer;
        }
    }

    private Tensor? Served(LayerId layer, Tensor x, IReadOnlyList<PlacedModule> parts)
    {
        if (x.requires_grad || layer == LayerId.Embedding) return null;
        var updates = new List<(LayerUpdate? Update, int Start, int Count)>();
        foreach (var (binding, start, count) in RowsByAdapter())
        {
            if (!TryUpdate(binding, parts, out var update)) return null;
            updates.Add((update, start, count));
        }
        var y = _layers.Forward(layer, x, ct: _ct);
        using var grad = no_grad();
        var fewRows = new LowRankRows(x, y);
        foreach (var (update, start, count) in updates)
        {
            if (update is null) continue;
            using (update)
                if (!fewRows.TryPut(update.Terms, start, count)) update.Add(x.narrow(0, start, count), y.narrow(0, start, count));
        }
        fewRows.Run();
        return y;
    }

    // False where the adapter acts on the parts one by one.
    private static bool TryUpdate(AdapterBinding? binding, IReadOnlyList<PlacedModule> parts, out LayerUpdate? update)
    {
        update = binding is { Adapter: ILayerUpdates updates } ? updates.UpdateOf(parts, binding.Pass) : null;
        if (update is not null || binding is null) return true;
        foreach (var (module, _, _) in parts)
            if (module is not null && (binding.Adapter.TransformsInput(module) || binding.Adapter.ChangesOutput(module))) return false;
        return true;
    }
}
