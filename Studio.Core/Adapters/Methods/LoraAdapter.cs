using Studio.Core.Adapters.Composition;
using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// LoRA (Hu et al. 2021; PEFT <c>LoraLayer</c>): y += scale * B A dropout(x), A [r, in], B [out, r], scale = alpha / r, or alpha / sqrt(r) for
/// rsLoRA. A starts uniform in +-1/sqrt(in) (PEFT's Kaiming initialisation with a = sqrt 5), B at zero, so the start equals the base.
/// </summary>
public sealed class LoraAdapter : TargetedAdapter<LoraSpec>, ILowRankUpdate
{
    private const string A = "lora_A.weight";
    private const string B = "lora_B.weight";

    private readonly Dictionary<string, double> _scales;

    /// <summary>Builds the adapter; values are zero until <see cref="Initialize"/> or a file sets them.</summary>
    public LoraAdapter(LoraSpec spec, AdapterSite site, FlatParameters parameters)
        : base(spec, site, parameters) => _scales = Targets.ToDictionary(module => module.Name, module => ScaleOf(spec, module), StringComparer.Ordinal);

    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = LoraSpec.MethodName,
        PeftType = "LORA",
        Title = "LoRA",
        Summary = "Adds a small low-rank update to the chosen layers; the usual choice.",
        Source = "Hu et al. 2021, arXiv 2106.09685",
        LearningRates = new LearningRateAdvice(1e-4, 2e-3, "Hu et al. 2021, tables 11 and 12"),
        Defaults = new LoraSpec(),
        Settings = LoraSettings.All,
        Entries = (spec, modules) => Entries((LoraSpec)spec, modules),
        Create = (spec, site, parameters) => new LoraAdapter((LoraSpec)spec, site, parameters),
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
            double bound = 1 / Math.Sqrt(module.InputFeatures);
            Of(module, A).uniform_(-bound, bound, random);
            Of(module, B).zero_();
        }
    }

    /// <inheritdoc/>
    public override bool ChangesOutput(ModuleTarget module) => IsTarget(module);

    /// <inheritdoc/>
    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(pass);
        var inner = nn.functional.linear(pass.Dropout(x, Settings.Dropout), Of(module, A, x)); // [rows, r]
        return addmm(y, inner, Of(module, B, x).t(), 1, (float)_scales[module.Name]);
    }

    /// <inheritdoc/>
    public override Tensor MergeWeight(ModuleTarget module, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(weight);
        using var grad = no_grad();
        return IsTarget(module)
            ? addmm(weight, Of(module, B, weight), Of(module, A, weight), 1, (float)_scales[module.Name]) // W + scale B A
            : weight.clone();
    }

    /// <inheritdoc/>
    public string? WhyNotLowRank => null;

    /// <inheritdoc/>
    public IReadOnlyList<ModuleTarget> Changed => Targets;

    /// <inheritdoc/>
    public LowRankFactors FactorsOf(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return new LowRankFactors(Of(module, A), Of(module, B), _scales[module.Name]);
    }

    private static List<FlatEntry> Entries(LoraSpec spec, ModuleMap modules)
    {
        var entries = new List<FlatEntry>();
        foreach (var module in spec.Select(modules))
        {
            int rank = RankOf(spec, module);
            entries.Add(new FlatEntry(PeftFormat.Key(module, A), [rank, module.InputFeatures]));
            entries.Add(new FlatEntry(PeftFormat.Key(module, B), [module.OutputFeatures, rank]));
        }
        return entries;
    }

    private static int RankOf(LoraSpec spec, ModuleTarget module) => ModulePattern.Lookup(spec.RankPattern, module.Name, spec.Rank);

    private static double ScaleOf(LoraSpec spec, ModuleTarget module)
    {
        int rank = RankOf(spec, module);
        return ModulePattern.Lookup(spec.AlphaPattern, module.Name, spec.Alpha) / (spec.UseRsLora ? Math.Sqrt(rank) : rank);
    }
}
