using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of LN tuning (Zhao et al. 2023), as PEFT's <c>LNTuningConfig</c> names them.</summary>
public sealed record LnTuningSpec : TargetedSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "ln_tuning";

    /// <summary>Acts on what norms are called in the supported families.</summary>
    public LnTuningSpec() => Targets = new TargetSelection { Pattern = @".*(norm|ln)[^.]*" };

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <inheritdoc/>
    public override TargetKinds Kinds => TargetKinds.Norm;
}

/// <summary>
/// LN tuning (Zhao et al. 2023; PEFT <c>LNTuningLayer</c>): norms get weights and biases of their own in place of the base's. They start as
/// copies, so the start equals the base.
/// </summary>
public sealed class LnTuningAdapter : TargetedAdapter<LnTuningSpec>
{
    private const string Weight = "ln_tuning_layers.weight";
    private const string Bias = "ln_tuning_layers.bias";

    private readonly Dictionary<NormId, ModuleTarget> _norms;

    /// <summary>Builds the adapter; values are zero until <see cref="Initialize"/> or a file sets them.</summary>
    public LnTuningAdapter(LnTuningSpec spec, AdapterSite site, FlatParameters parameters)
        : base(spec, site, parameters) => _norms = Targets.ToDictionary(module => module.Norm);

    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = LnTuningSpec.MethodName,
        PeftType = "LN_TUNING",
        Title = "LN tuning",
        Summary = "Trains the norms alone: a few thousand parameters that shift style and domain, and merge without a trace.",
        Source = "Zhao et al. 2023, arXiv 2312.11420",
        LearningRates = new LearningRateAdvice(1e-3, 5e-2, "PEFT's LN tuning example (5e-2); 1e-4 learns nothing in PEFT's MetaMathQA comparison; the lower end is this studio's own guess"),
        Defaults = new LnTuningSpec(),
        Settings = [SharedSettings.TargetModules, SharedSettings.ExcludedModules, SharedSettings.ModulesToSave],
        Entries = (spec, modules) => Entries((LnTuningSpec)spec, modules),
        Create = (spec, site, parameters) => new LnTuningAdapter((LnTuningSpec)spec, site, parameters),
    };

    /// <inheritdoc/>
    public override string? WhyNotMerged => null;

    /// <inheritdoc/>
    public override void Initialize(Generator random)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var module in Targets)
        {
            var frozen = Site.Norms[module.Norm].Weights;
            Of(module, Weight).copy_(frozen.Weight);
            if (frozen.Bias is not null) Of(module, Bias).copy_(frozen.Bias);
        }
    }

    /// <inheritdoc/>
    public override NormWeights? OverrideNorm(NormId norm, NormWeights frozen, AdapterPass pass) =>
        _norms.TryGetValue(norm, out var module) ? new NormWeights(Of(module, Weight), frozen.Bias is null ? null : Of(module, Bias)) : null;

    /// <inheritdoc/>
    public override Tensor MergeWeight(ModuleTarget module, Tensor weight) => IsTarget(module) ? Of(module, Weight).detach().clone() : base.MergeWeight(module, weight);

    /// <inheritdoc/>
    public override Tensor? MergeBias(ModuleTarget module, Tensor? bias) =>
        bias is not null && IsTarget(module) ? Of(module, Bias).detach().clone() : base.MergeBias(module, bias);

    private static List<FlatEntry> Entries(LnTuningSpec spec, ModuleMap modules)
    {
        var entries = new List<FlatEntry>();
        foreach (var module in spec.Select(modules))
        {
            entries.Add(new FlatEntry(PeftFormat.Key(module, Weight), modules.Config.NormShape(module.Norm)));
            if (modules.Config.HasNormBias(module.Norm)) entries.Add(new FlatEntry(PeftFormat.Key(module, Bias), modules.Config.NormShape(module.Norm)));
        }
        return entries;
    }
}
