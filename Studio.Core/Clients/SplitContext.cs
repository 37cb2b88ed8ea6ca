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
    private readonly SplitTape? _tape;
    private readonly AdapterBinding? _trained;
    private readonly CancellationToken _ct;

    private SplitContext(IBaseLayers layers, ModuleMap modules, SplitTape? tape, IReadOnlyList<AdapterBinding?> bindings, CancellationToken ct)
        : base(modules, bindings)
    {
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
        return new SplitContext(layers, modules, tape, [new AdapterBinding(adapter, pass)], ct);
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
        return new SplitContext(layers, modules, tape: null, [.. adapters.Select(adapter => adapter is null ? null : bindings[adapter])], ct);
    }

    /// <summary>In training, where the adapter writes out its update of the whole call or does not act on it.</summary>
    public override Tensor? ProjectWhole(LayerId layer, Tensor x)
    {
        if (_tape is null) return null; // only a tape replays what autograd does not see
        var parts = Placed(Describe(layer).Parts);
        var update = _trained is { Adapter: ILayerUpdates adapter, Pass: var pass } ? adapter.UpdateOf(parts, pass) : null;
        if (update is null && parts.Any(part => part.Module is { } module && _trained is { Adapter: var other } && (other.TransformsInput(module) || other.ChangesOutput(module)))) return null;
        return _tape.Base(layer, x, update: update, ct: _ct);
    }

    /// <inheritdoc/>
    public override Tensor? Run(WrittenOperation operation, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return _tape is not null && x.is_leaf && RowLoop.Suits(x) ? _tape.Run(operation, x) : null;
    }

    /// <inheritdoc/>
    public override Tensor Normalize(NormId id, Norm norm, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(norm);
        bool overridden = _trained is { Adapter: var adapter, Pass: var pass } && adapter.OverrideNorm(id, norm.Weights, pass) is not null;
        return !overridden && _tape is not null && norm.Written is { } written && Run(written, x) is { } y ? y : base.Normalize(id, norm, x);
    }

    /// <inheritdoc/>
    public override Tensor Cut(Tensor x) => _tape is null ? x : _tape.Cut(x);

    /// <inheritdoc/>
    protected override LayerDescription Describe(LayerId layer) => _layers.Describe(layer);

    /// <inheritdoc/>
    protected override Tensor BaseCall(LayerId layer, Tensor x, RowGroups? rowGroups) =>
        _tape is null ? _layers.Forward(layer, x, rowGroups, _ct) : _tape.Base(layer, x, rowGroups, ct: _ct);

}
