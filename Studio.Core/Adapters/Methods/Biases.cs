using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// Biases trained beside a method (PEFT <c>bias</c>): y += b' - b for projections, b' for norms. PEFT calls the bias of a target module
/// <c>MODULE.base_layer.bias</c> and any other <c>MODULE.bias</c>; those of <see cref="BiasTraining.TargetsOnly"/> it forgets to store, so they are
/// kept in the continuation.
/// </summary>
public sealed class Biases : MethodAdapter<AdapterSpec>
{
    private readonly Dictionary<string, TrainedBias> _byName;
    private readonly Dictionary<string, Tensor> _frozen = new(StringComparer.Ordinal);

    /// <summary>Builds it; the base's biases are read now.</summary>
    public Biases(AdapterSpec spec, AdapterSite site, FlatParameters parameters)
        : this(spec, site, parameters, Select(spec, site is null ? throw new ArgumentNullException(nameof(site)) : site.Modules))
    {
    }

    /// <summary>Builds it over given biases.</summary>
    internal Biases(AdapterSpec spec, AdapterSite site, FlatParameters parameters, IEnumerable<TrainedBias> biases)
        : base(spec, site, parameters)
    {
        _byName = biases.ToDictionary(trained => trained.Module.Name, StringComparer.Ordinal);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var (module, _, isNew) in _byName.Values)
        {
            _frozen[module.Name] = (isNew ? zeros(module.OutputFeatures, dtype: site.Type, device: site.Device)
                : module.Kind == ModuleKind.Norm ? site.Norms[module.Norm].Weights.Bias!.to(site.Type, copy: true)
                : site.Weights($"Training the bias of {module.Name} starts from its value").Bias(module.Layer)!.to(site.Type, copy: true)).Owned();
        }
    }

    /// <inheritdoc/>
    public override string? WhyNotMerged => null;

    /// <inheritdoc/>
    protected override IReadOnlyList<FlatEntry> Own => Entries(_byName.Values);

    private bool IsStored => Settings is not TargetedSpec { Bias: BiasTraining.TargetsOnly };

    /// <summary>Names and shapes of what is trained.</summary>
    public static IReadOnlyList<FlatEntry> Entries(AdapterSpec spec, ModuleMap modules) =>
        Entries(Select(spec, modules));

    /// <summary>Names and shapes of given biases.</summary>
    internal static IReadOnlyList<FlatEntry> Entries(IEnumerable<TrainedBias> biases) => [.. biases.Select(trained => new FlatEntry(trained.Name, [trained.Module.OutputFeatures]))];

    /// <inheritdoc/>
    public override void Initialize(Generator random) => TakeFrozen();

    /// <inheritdoc/>
    public override bool ChangesOutput(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return _byName.ContainsKey(module.Name);
    }

    /// <inheritdoc/>
    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(y);
        return y + (Parameters[_byName[module.Name].Name] - _frozen[module.Name]).to(y.dtype);
    }

    /// <inheritdoc/>
    public override NormWeights? OverrideNorm(NormId norm, NormWeights frozen, AdapterPass pass)
    {
        foreach (var (module, name, _) in _byName.Values)
            if (module.Kind == ModuleKind.Norm && module.Norm == norm) return frozen with { Bias = Parameters[name] };
        return null;
    }

    /// <inheritdoc/>
    public override Tensor? MergeBias(ModuleTarget module, Tensor? bias)
    {
        ArgumentNullException.ThrowIfNull(module);
        using var grad = no_grad();
        if (!_byName.TryGetValue(module.Name, out var trained)) return bias?.clone();
        if (bias is null) return trained.IsNew ? Parameters[trained.Name].detach().clone() : null;
        return bias + (Parameters[trained.Name] - _frozen[module.Name]).to(bias.dtype);
    }

    /// <inheritdoc/>
    public override void Export(AdapterExport export)
    {
        ArgumentNullException.ThrowIfNull(export);
        foreach (var entry in Own) (IsStored ? export.Weights : export.Continuation)[entry.Name] = Parameters[entry.Name];
    }

    /// <inheritdoc/>
    public override void Import(AdapterImport import)
    {
        ArgumentNullException.ThrowIfNull(import);
        if (IsStored) base.Import(import);
        else if (import.HasContinuation) foreach (var entry in Own) import.ContinueTo(entry.Name, Parameters[entry.Name]);
        else TakeFrozen();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (var frozen in _frozen.Values) frozen.Dispose();
        base.Dispose(disposing);
    }

    private void TakeFrozen()
    {
        using var grad = no_grad();
        foreach (var (module, name, _) in _byName.Values) Parameters[name].copy_(_frozen[module.Name]);
    }

    private static IEnumerable<TrainedBias> Select(AdapterSpec spec, ModuleMap modules)
    {
        if (spec is not TargetedSpec { Bias: not BiasTraining.None } targeted) yield break;
        var targets = targeted.Select(modules).Select(module => module.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var module in modules.All)
        {
            bool isTarget = targets.Contains(module.Name);
            if (!SavedModules.HasBias(module, modules.Config) || SavedModules.IsSaved(spec, module) || (targeted.Bias == BiasTraining.TargetsOnly && !isTarget)) continue;
            yield return new TrainedBias(module, PeftFormat.Key(module, isTarget ? "base_layer.bias" : "bias"));
        }
    }
}

/// <summary>A bias that is trained.</summary>
/// <param name="Module">Whose it is.</param>
/// <param name="Name">Its name in files.</param>
/// <param name="IsNew">Whether the base has none: it starts at zero.</param>
internal readonly record struct TrainedBias(ModuleTarget Module, string Name, bool IsNew = false);
