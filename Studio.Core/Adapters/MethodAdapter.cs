using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters;

/// <summary>Base of a method's adapter: settings, place and parameters. The parameters are the whole adapter's; a method uses its own entries of them.</summary>
/// <param name="spec">Its settings.</param>
/// <param name="site">What it is built onto.</param>
/// <param name="parameters">The flat buffers; owned by the adapter.</param>
public abstract class MethodAdapter<TSpec>(TSpec spec, AdapterSite site, FlatParameters parameters) : Adapter
    where TSpec : AdapterSpec
{
    private IReadOnlyList<FlatEntry>? _own;

    /// <inheritdoc/>
    public sealed override AdapterSpec Spec => spec;

    /// <inheritdoc/>
    public sealed override FlatParameters Parameters => parameters;

    /// <summary>The settings.</summary>
    protected TSpec Settings => spec;

    /// <summary>What it is built onto.</summary>
    protected AdapterSite Site => site;

    /// <summary>The trainable tensors that are this method's among the adapter's parameters.</summary>
    protected virtual IReadOnlyList<FlatEntry> Own => _own ??= AdapterMethods.Named(spec.Method).Entries(spec, site.Modules);

    /// <inheritdoc/>
    public override void Export(AdapterExport export)
    {
        ArgumentNullException.ThrowIfNull(export);
        foreach (var entry in Own) export.Weights[entry.Name] = parameters[entry.Name];
    }

    /// <inheritdoc/>
    public override void Import(AdapterImport import)
    {
        ArgumentNullException.ThrowIfNull(import);
        foreach (var entry in Own) import.CopyTo(entry.Name, parameters[entry.Name]);
    }

    /// <summary>A trainable tensor in the type of the activations; differentiable.</summary>
    protected Tensor Value(string name, Tensor like) => Cast(Parameters[name], like);

    /// <summary>A tensor in the type of the activations; differentiable.</summary>
    protected static Tensor Cast(Tensor value, Tensor like) => value.dtype == like.dtype ? value : value.to(like.dtype);
}

/// <summary>
/// Base of methods that target modules: it knows them by name. Every trainable or stored tensor of a module is called
/// <c>base_model.model.MODULE.SUFFIX</c>, as PEFT calls it.
/// </summary>
public abstract class TargetedAdapter<TSpec> : MethodAdapter<TSpec>
    where TSpec : TargetedSpec
{
    private readonly Dictionary<string, ModuleTarget> _targets;

    /// <summary>Creates the adapter.</summary>
    protected TargetedAdapter(TSpec spec, AdapterSite site, FlatParameters parameters)
        : base(spec, site, parameters)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(site);
        Targets = spec.Select(site.Modules);
        _targets = Targets.ToDictionary(module => module.Name, StringComparer.Ordinal);
    }

    /// <summary>The modules it acts on, in forward order.</summary>
    protected IReadOnlyList<ModuleTarget> Targets { get; }

    /// <summary>Whether it acts on a module.</summary>
    protected bool IsTarget(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return _targets.ContainsKey(module.Name);
    }

    /// <summary>A trainable tensor of a module.</summary>
    protected Tensor Of(ModuleTarget module, string suffix) => Parameters[PeftFormat.Key(module, suffix)];

    /// <summary>A trainable tensor of a module in the type of the activations; differentiable.</summary>
    protected Tensor Of(ModuleTarget module, string suffix, Tensor like) => Value(PeftFormat.Key(module, suffix), like);
}

/// <summary>
/// Base of methods whose effect is a change of a projection's weight: y += dropout(x) dW^T. They say what dW is; merging follows.
/// </summary>
public abstract class WeightDeltaAdapter<TSpec>(TSpec spec, AdapterSite site, FlatParameters parameters) : TargetedAdapter<TSpec>(spec, site, parameters)
    where TSpec : TargetedSpec
{
    /// <inheritdoc/>
    public override string? WhyNotMerged => null;

    /// <summary>Probability of dropping an input feature of the change while training.</summary>
    protected virtual double Dropout => 0;

    /// <inheritdoc/>
    public override bool ChangesOutput(ModuleTarget module) => IsTarget(module);

    /// <inheritdoc/>
    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        ArgumentNullException.ThrowIfNull(x);
        return y + nn.functional.linear(pass.Dropout(x, Dropout), Delta(module).to(x.dtype));
    }

    /// <inheritdoc/>
    public override Tensor MergeWeight(ModuleTarget module, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        if (!IsTarget(module)) return weight.clone();
        using var grad = no_grad();
        using var delta = Delta(module);
        return weight + delta.to(weight.dtype);
    }

    /// <summary>dW [out, in] of a target, differentiable, in the adapter's type.</summary>
    protected abstract Tensor Delta(ModuleTarget module);
}
