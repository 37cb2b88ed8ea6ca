using Studio.Core.Adapters;
using Studio.Core.Models;
using Studio.Core.Tensors.Kernels;
using static TorchSharp.torch;

namespace Studio.Core.Clients;

/// <summary>An adapter's part in a context: the adapter and its pass. Null members of a list stand for the plain base.</summary>
public sealed record AdapterBinding(IAdapter Adapter, AdapterPass Pass);

/// <summary>
/// Applies adapters around base calls. Either one binding for all sequences, or one per sequence: then a flattened batch serves sequences
/// with different adapters and the plain base at once. How a base layer is run and how a graph is cut is left to the derived contexts.
/// </summary>
public abstract class AdaptedContext : IForwardContext
{
    private readonly ModuleMap _modules;
    private readonly IReadOnlyList<AdapterBinding?> _bindings;
    private readonly bool _uniform;
    private IReadOnlyList<RowSpan> _rows = [];

    /// <summary>Creates the context.</summary>
    /// <param name="modules">Names of the model's modules.</param>
    /// <param name="bindings">One for all sequences, or exactly one per sequence.</param>
    protected AdaptedContext(ModuleMap modules, IReadOnlyList<AdapterBinding?> bindings)
    {
        ArgumentNullException.ThrowIfNull(bindings);
        if (bindings.Count == 0) throw new ArgumentException("A context needs one binding for all sequences, or one per sequence.", nameof(bindings));
        _modules = modules;
        _bindings = bindings;
        _uniform = bindings.All(binding => ReferenceEquals(binding?.Adapter, bindings[0]?.Adapter));
    }

    /// <inheritdoc/>
    public void UseRows(IReadOnlyList<RowSpan> rows) => _rows = rows;

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Project(LayerId layer, Tensor x, RowGroups? rowGroups = null)
    {
        var parts = Describe(layer).Parts;
        if (parts.Any(part => _modules.Find(part.Layer) is { } module && AnyBinding(binding => binding.Adapter.TransformsInput(module))))
            return [.. parts.Select(part => ProjectPart(_modules.Find(part.Layer), part.Layer, x, rowGroups))];
        if (rowGroups is null && ProjectWhole(layer, x) is { } whole) return Apart(whole, parts);
        var y = BaseCall(layer, x, rowGroups);
        if (rowGroups is not null && AnyBinding(binding => binding.Adapter.ChangesExperts(layer))) y = ChangeExperts(layer, x, y, rowGroups);
        var outputs = Apart(y, parts);
        for (int i = 0; i < outputs.Length; i++)
            if (_modules.Find(parts[i].Layer) is { } module) outputs[i] = ChangeOutput(module, x, outputs[i]);
        return outputs;
    }

    /// <inheritdoc/>
    public virtual Tensor? ProjectWhole(LayerId layer, Tensor x) => null;

    /// <inheritdoc/>
    public virtual Tensor? Run(WrittenOperation operation, Tensor x) => null;

    /// <inheritdoc/>
    public virtual Tensor? Run(WrittenOperation operation, IReadOnlyList<Tensor> parts) => null;

    /// <inheritdoc/>
    public abstract Tensor Cut(Tensor x);

    /// <inheritdoc/>
    public virtual Tensor Block(Tensor hidden, Func<Tensor, Tensor> block)
    {
        ArgumentNullException.ThrowIfNull(block);
        return block(hidden);
    }

    /// <inheritdoc/>
    public virtual bool Keep(IDisposable shared) => false;

    /// <inheritdoc/>
    public virtual Tensor Normalize(NormId id, Norm norm, Tensor x) =>
        PerAdapter(x, (binding, rows) => binding.Adapter.OverrideNorm(id, norm.Weights, binding.Pass) is { } other ? norm.Apply(rows, other) : norm.Apply(rows),
            rows => norm.Apply(rows), acts: binding => binding.Adapter.OverrideNorm(id, norm.Weights, binding.Pass) is not null);

    /// <summary>Whether any adapter has a norm's weights of its own.</summary>
    protected bool OverridesNorm(NormId id, Norm norm)
    {
        ArgumentNullException.ThrowIfNull(norm);
        return AnyBinding(binding => binding.Adapter.OverrideNorm(id, norm.Weights, binding.Pass) is not null);
    }

    /// <inheritdoc/>
    public int VirtualTokens(int sequence) => Binding(sequence)?.Adapter.VirtualTokens ?? 0;

    /// <inheritdoc/>
    public Tensor VirtualEmbeddings(int sequence) => Required(sequence).Adapter.VirtualEmbeddings(Required(sequence).Pass);

    /// <inheritdoc/>
    public int PrefixLength(int sequence) => Binding(sequence)?.Adapter.PrefixLength ?? 0;

    /// <inheritdoc/>
    public KeyValues Prefix(int block, int sequence) => Required(sequence).Adapter.Prefix(block, Required(sequence).Pass);

    /// <inheritdoc/>
    public Tensor AfterSublayer(SublayerId sublayer, Tensor input, Tensor output) =>
        PerAdapter(input, output, (binding, x, y) => binding.Adapter.AfterSublayer(sublayer, x, y, binding.Pass), binding => binding.Adapter.ActsAfter(sublayer));

    /// <summary>What the adapters add to the loss of this pass, a scalar, or null.</summary>
    public Tensor? ExtraLoss()
    {
        Tensor? sum = null;
        foreach (var binding in _bindings.Where(binding => binding is not null).Distinct())
        {
            if (binding!.Adapter.ExtraLoss(binding.Pass) is { } extra) sum = sum is null ? extra : sum + extra;
        }
        return sum;
    }

    /// <summary>Shapes of a layer.</summary>
    protected abstract LayerDescription Describe(LayerId layer);

    /// <summary>Runs a base layer.</summary>
    protected abstract Tensor BaseCall(LayerId layer, Tensor x, RowGroups? rowGroups);

    /// <summary>What a call's update is asked for.</summary>
    protected IReadOnlyList<PlacedModule> Placed(IReadOnlyList<LayerPart> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var placed = new PlacedModule[parts.Count];
        int offset = 0;
        for (int i = 0; i < placed.Length; i++)
        {
            placed[i] = new PlacedModule(_modules.Find(parts[i].Layer), offset, parts[i].Width);
            offset += parts[i].Width;
        }
        return placed;
    }

    /// <summary>Whose the rows are; neighbouring sequences of one adapter are handled together.</summary>
    protected IEnumerable<(AdapterBinding? Binding, int Start, int Count)> RowsByAdapter()
    {
        for (int i = 0; i < _rows.Count;)
        {
            var binding = Binding(_rows[i].Sequence);
            int start = _rows[i].Start, count = 0;
            for (; i < _rows.Count && ReferenceEquals(Binding(_rows[i].Sequence)?.Adapter, binding?.Adapter); i++) count += _rows[i].Count;
            yield return (binding, start, count);
        }
    }

    private static Tensor[] Apart(Tensor y, IReadOnlyList<LayerPart> parts) => parts.Count == 1 ? [y] : y.split([.. parts.Select(part => (long)part.Width)], 1);

    private Tensor ProjectPart(ModuleTarget? module, LayerId part, Tensor x, RowGroups? rowGroups)
    {
        // Routers and experts are no modules: no adapter can act on them.
        if (module is null) return BaseCall(part, x, rowGroups);
        var input = PerAdapter(x, (binding, rows) => binding.Adapter.TransformInput(module, rows, binding.Pass), rows => rows,
            binding => binding.Adapter.TransformsInput(module));
        input = ReferenceEquals(input, x) ? x : Cut(input);
        return ChangeOutput(module, input, BaseCall(part, input, rowGroups));
    }

    private Tensor ChangeExperts(LayerId layer, Tensor x, Tensor y, RowGroups groups)
    {
        if (_uniform) return _bindings[0]!.Adapter.ChangeExperts(layer, x, y, groups, _bindings[0]!.Pass);
        // Rows are sorted by expert here: each adapter takes its own out of them, in the same order.
        var owners = OwnersOf(groups);
        foreach (var group in Enumerable.Range(0, owners.Length).GroupBy(row => owners[row]?.Adapter))
        {
            var binding = owners[group.First()];
            if (binding is null || !binding.Adapter.ChangesExperts(layer)) continue;
            var rows = tensor(group.Select(row => (long)row).ToArray(), dtype: ScalarType.Int64).to(y.device);
            var changed = binding.Adapter.ChangeExperts(layer, x.index_select(0, rows), y.index_select(0, rows), CountsOf(group, groups), binding.Pass);
            y = y.index_copy(0, rows, changed);
        }
        return y;
    }

    private AdapterBinding?[] OwnersOf(RowGroups groups)
    {
        var origins = groups.Origins ?? throw new InvalidOperationException("Rows of several adapters went to experts without saying where they come from.");
        var bySequence = _rows.SelectMany(span => Enumerable.Repeat(Binding(span.Sequence), span.Count)).ToArray();
        return [.. origins.cpu().data<long>().ToArray().Select(row => bySequence[row])];
    }

    private static RowGroups CountsOf(IEnumerable<int> rows, RowGroups groups)
    {
        var counts = new int[groups.Counts.Count];
        int expert = 0, end = groups.Counts[0];
        foreach (int row in rows)
        {
            while (row >= end) end += groups.Counts[++expert];
            counts[expert]++;
        }
        return new RowGroups(counts);
    }

    private Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y) =>
        PerAdapter(x, y, (binding, xRows, yRows) => binding.Adapter.ChangeOutput(module, xRows, yRows, binding.Pass), binding => binding.Adapter.ChangesOutput(module));

    private Tensor PerAdapter(Tensor x, Func<AdapterBinding, Tensor, Tensor> act, Func<Tensor, Tensor> plain, Func<AdapterBinding, bool> acts)
    {
        if (!AnyBinding(acts)) return plain(x);
        if (_uniform) return act(_bindings[0]!, x);
        return OverGroups((binding, start, count) =>
        {
            var rows = x.narrow(0, start, count);
            return binding is not null && acts(binding) ? act(binding, rows) : plain(rows);
        });
    }

    private Tensor PerAdapter(Tensor x, Tensor y, Func<AdapterBinding, Tensor, Tensor, Tensor> act, Func<AdapterBinding, bool> acts)
    {
        if (!AnyBinding(acts)) return y;
        if (_uniform) return act(_bindings[0]!, x, y);
        return OverGroups((binding, start, count) =>
        {
            var rows = y.narrow(0, start, count);
            return binding is not null && acts(binding) ? act(binding, x.narrow(0, start, count), rows) : rows;
        });
    }

    private Tensor OverGroups(Func<AdapterBinding?, int, int, Tensor> group)
    {
        var pieces = RowsByAdapter().Select(rows => group(rows.Binding, rows.Start, rows.Count)).ToList();
        return pieces.Count == 1 ? pieces[0] : cat(pieces, 0);
    }

    private AdapterBinding? Binding(int sequence) => _bindings.Count == 1 ? _bindings[0] : _bindings[sequence];

    private AdapterBinding Required(int sequence) => Binding(sequence) ?? throw new InvalidOperationException($"Sequence {sequence} has no adapter.");

    private bool AnyBinding(Func<AdapterBinding, bool> test)
    {
        foreach (var binding in _bindings)
            if (binding is not null && test(binding)) return true;
        return false;
    }
}
