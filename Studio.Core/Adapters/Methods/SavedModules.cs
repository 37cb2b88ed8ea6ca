using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// Modules trained as a whole beside a method (PEFT <c>ModulesToSaveWrapper</c>): their own weight and bias take the place of the base's. A module is
/// one whose full name ends with an entry, so that <c>norm</c> means <c>input_layernorm</c> too.
/// </summary>
public sealed class SavedModules(AdapterSpec spec, AdapterSite site, FlatParameters parameters) : MethodAdapter<AdapterSpec>(spec, site, parameters)
{
    private readonly Dictionary<string, ModuleTarget> _saved = Select(spec, site.Modules).ToDictionary(module => module.Name, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override string? WhyNotMerged => null;

    /// <inheritdoc/>
    protected override IReadOnlyList<FlatEntry> Own => Entries(Settings, Site.Modules);

    /// <summary>Names and shapes of what is trained.</summary>
    public static IReadOnlyList<FlatEntry> Entries(AdapterSpec spec, ModuleMap modules)
    {
        var entries = new List<FlatEntry>();
        foreach (var module in Select(spec, modules))
        {
            entries.Add(new FlatEntry(Weight(module), Shape(module, modules.Config)));
            if (HasBias(module, modules.Config)) entries.Add(new FlatEntry(Bias(module), module.Kind == ModuleKind.Norm ? Shape(module, modules.Config) : [module.OutputFeatures]));
        }
        return entries;
    }

    /// <summary>Entries that end no module's name.</summary>
    public static IEnumerable<string> Problems(AdapterSpec spec, ModuleMap modules)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(modules);
        return spec.ModulesToSave.Where(name => !modules.All.Any(module => Ends(module, name)))
            .Select(name => $"The module to save '{name}' matches nothing in this model; it has {string.Join(", ", modules.All.Select(module => module.ShortName).Distinct(StringComparer.Ordinal))}.");
    }

    /// <inheritdoc/>
    public override void Initialize(Generator random)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var module in _saved.Values)
        {
            var (weight, bias) = Frozen(module);
            Parameters[Weight(module)].copy_(weight);
            if (bias is not null) Parameters[Bias(module)].copy_(bias);
        }
    }

    /// <inheritdoc/>
    public override bool ChangesOutput(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return _saved.ContainsKey(module.Name);
    }

    /// <inheritdoc/>
    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(y);
        var weight = Value(Weight(module), y);
        if (module.Kind != ModuleKind.Embedding) return nn.functional.linear(x, weight, HasBias(module, Site.Modules.Config) ? Value(Bias(module), y) : null);
        double scale = Site.Base.Describe(module.Layer).Scale;
        var rows = weight.index_select(0, x);
        return scale == 1 ? rows : rows * y.dtype.Nearest(scale);
    }

    /// <inheritdoc/>
    public override NormWeights? OverrideNorm(NormId norm, NormWeights frozen, AdapterPass pass)
    {
        foreach (var module in _saved.Values)
            if (module.Kind == ModuleKind.Norm && module.Norm == norm) return new NormWeights(Parameters[Weight(module)], frozen.Bias is null ? null : Parameters[Bias(module)]);
        return null;
    }

    /// <inheritdoc/>
    public override Tensor MergeWeight(ModuleTarget module, Tensor weight) => ChangesOutput(module) ? Parameters[Weight(module)].detach().clone() : base.MergeWeight(module, weight);

    /// <inheritdoc/>
    public override Tensor? MergeBias(ModuleTarget module, Tensor? bias) =>
        bias is not null && ChangesOutput(module) ? Parameters[Bias(module)].detach().clone() : base.MergeBias(module, bias);

    /// <summary>Whether the settings save a module.</summary>
    internal static bool IsSaved(AdapterSpec spec, ModuleTarget module) => spec.ModulesToSave.Any(name => Ends(module, name));

    /// <summary>Whether a module has a bias.</summary>
    internal static bool HasBias(ModuleTarget module, DecoderConfig config) =>
        module.Kind == ModuleKind.Norm ? config.HasNormBias(module.Norm) : module.Kind == ModuleKind.Linear && config.Describe(module.Layer).HasBias;

    private (Tensor Weight, Tensor? Bias) Frozen(ModuleTarget module)
    {
        if (module.Kind == ModuleKind.Norm) return (Site.Norms[module.Norm].Weights.Weight, Site.Norms[module.Norm].Weights.Bias);
        var weights = Site.Weights($"Training {module.Name} as a whole starts from its weight");
        return (weights.Weight(module.Layer), HasBias(module, Site.Modules.Config) ? weights.Bias(module.Layer) : null);
    }

    private static IEnumerable<ModuleTarget> Select(AdapterSpec spec, ModuleMap modules) => modules.All.Where(module => IsSaved(spec, module));

    private static bool Ends(ModuleTarget module, string name) => name.Length > 0 && module.Name.EndsWith(name, StringComparison.Ordinal);

    private static long[] Shape(ModuleTarget module, DecoderConfig config) => module.Kind switch
    {
        ModuleKind.Norm => config.NormShape(module.Norm),
        ModuleKind.Embedding => [module.InputFeatures, module.OutputFeatures],
        _ => [module.OutputFeatures, module.InputFeatures],
    };

    private static string Weight(ModuleTarget module) => PeftFormat.Key(module, "weight");

    private static string Bias(ModuleTarget module) => PeftFormat.Key(module, "bias");
}
