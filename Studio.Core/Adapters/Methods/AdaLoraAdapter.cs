using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// AdaLoRA (Zhang et al. 2023; PEFT <c>SVDLinear</c>): y += alpha / (r + 1e-5) * B (E * A) dropout(x) with r the initial rank, and the loss gains
/// weight * mean over all A and B of |P P^T - I|. <see cref="AdaLoraAllocator"/> lowers the ranks while it trains. PEFT stores only what is kept; the rest, which may
/// come back, and the observations go to the continuation.
/// </summary>
public sealed class AdaLoraAdapter : TargetedAdapter<AdaLoraSpec>
{
    private const string A = "lora_A", B = "lora_B", E = "lora_E";

    private readonly double _scale;
    private readonly AdaLoraAllocator _allocator;
    private long _totalSteps;

    /// <summary>Builds the adapter; values are zero until <see cref="Initialize"/> or a file sets them.</summary>
    public AdaLoraAdapter(AdaLoraSpec spec, AdapterSite site, FlatParameters parameters)
        : base(spec, site, parameters)
    {
        ArgumentNullException.ThrowIfNull(spec);
        _scale = spec.Alpha / (spec.InitialRank + 1e-5);
        _allocator = new AdaLoraAllocator(spec,
            [.. Targets.Select(module => new AdaLoraTriplets(AdaLoraSpec.PatternKey(module), PeftFormat.Key(module, A), PeftFormat.Key(module, E), PeftFormat.Key(module, B)))], parameters);
    }

    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = AdaLoraSpec.MethodName,
        PeftType = "ADALORA",
        Title = "AdaLoRA",
        Summary = "LoRA that starts with more rank than it keeps and gives what it keeps to the layers that need it most.",
        Source = "Zhang et al. 2023, arXiv 2303.10512",
        LearningRates = new LearningRateAdvice(5e-4, 2.2e-3, "the authors' scripts (5e-4 to 2.2e-3); PEFT's MetaMathQA comparison takes 1e-4"),
        Defaults = new AdaLoraSpec(),
        Settings = AdaLoraSettings.All,
        Entries = (spec, modules) => Entries((AdaLoraSpec)spec, modules),
        Create = (spec, site, parameters) => new AdaLoraAdapter((AdaLoraSpec)spec, site, parameters),
    };

    /// <inheritdoc/>
    public override string? WhyNotMerged => null;

    // A module that kept no rank has empty tensors, which add nothing.
    private bool HasRank(ModuleTarget module) => Settings.RankOf(module) > 0;

    /// <inheritdoc/>
    public override void Initialize(Generator random)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        double deviation = Settings.StartsAtZero ? 0.02 : 1;
        foreach (var module in Targets.Where(HasRank))
        {
            Of(module, A).normal_(0, deviation, random);
            Of(module, B).normal_(0, deviation, random);
            if (Settings.StartsAtZero) Of(module, E).zero_();
            else Of(module, E).normal_(0, 1, random);
        }
    }

    /// <inheritdoc/>
    public override bool ChangesOutput(ModuleTarget module) => IsTarget(module) && HasRank(module);

    /// <inheritdoc/>
    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        var inner = nn.functional.linear(pass.Dropout(x, Settings.Dropout), Of(module, A, x) * Of(module, E, x)); // [rows, r]
        return addmm(y, inner, Of(module, B, x).t(), 1, (float)_scale);
    }

    /// <inheritdoc/>
    public override Tensor? ExtraLoss(AdapterPass pass)
    {
        if (Settings.OrthogonalityWeight == 0) return null;
        Tensor? sum = null;
        foreach (var module in Targets.Where(HasRank))
        {
            Tensor a = Of(module, A), b = Of(module, B);
            var distance = Distance(a.matmul(a.t())) + Distance(b.t().matmul(b));
            sum = sum is null ? distance : sum + distance;
        }
        return sum is null ? null : sum * (Settings.OrthogonalityWeight / (2 * Targets.Count));
    }

    /// <inheritdoc/>
    public override void AfterStep(AdapterStep step)
    {
        _totalSteps = Settings.TotalSteps > 0 ? Settings.TotalSteps : step.TotalSteps;
        if (!Settings.IsSettled) _allocator.AfterStep(step.Step - 1, _totalSteps);
    }

    /// <inheritdoc/>
    public override Tensor MergeWeight(ModuleTarget module, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        using var grad = no_grad();
        return ChangesOutput(module) ? addmm(weight, Of(module, B, weight), Of(module, A, weight) * Of(module, E, weight), 1, (float)_scale) : weight.clone();
    }

    /// <inheritdoc/>
    public override void Export(AdapterExport export)
    {
        ArgumentNullException.ThrowIfNull(export);
        base.Export(export);
        // PEFT refuses a config without a number of steps.
        int total = Settings.TotalSteps > 0 ? Settings.TotalSteps : (int)Math.Max(_totalSteps, Settings.FirstSteps + Settings.LastSteps + 1L);
        if (Settings.IsSettled || _totalSteps == 0)
        {
            if (Settings.TotalSteps == 0) export.Spec = Settings with { TotalSteps = total };
            return;
        }
        export.Spec = Settings with { TotalSteps = total, RankPattern = _allocator.Kept ?? [] };
        foreach (var (name, tensor) in Continued()) export.Continuation[name] = tensor;
        if (_allocator.Kept is not { } kept) return;
        foreach (var module in Targets)
        {
            var mask = kept[AdaLoraSpec.PatternKey(module)];
            var places = tensor(Enumerable.Range(0, mask.Count).Where(i => mask[i]).Select(i => (long)i).ToArray(), dtype: ScalarType.Int64).to(Site.Device);
            export.Continuation[PeftFormat.Key(module, "kept")] = tensor(mask.Select(isKept => isKept ? 1f : 0f).ToArray());
            export.Weights[PeftFormat.Key(module, A)] = Of(module, A).index_select(0, places);
            export.Weights[PeftFormat.Key(module, E)] = Of(module, E).index_select(0, places);
            export.Weights[PeftFormat.Key(module, B)] = Of(module, B).index_select(1, places);
        }
    }

    /// <inheritdoc/>
    public override void Import(AdapterImport import)
    {
        ArgumentNullException.ThrowIfNull(import);
        if (!import.HasContinuation || Settings.IsSettled)
        {
            base.Import(import);
            return;
        }
        foreach (var (name, tensor) in Continued()) import.ContinueTo(name, tensor);
        var kept = new Dictionary<string, IReadOnlyList<bool>>();
        foreach (var module in Targets)
        {
            foreach (string suffix in new[] { A, E, B }) import.Skip(PeftFormat.Key(module, suffix));
            if (!import.Continues(PeftFormat.Key(module, "kept"))) continue;
            using var mask = import.TakeContinuation(PeftFormat.Key(module, "kept"), Settings.InitialRank);
            if (mask is not null) kept[AdaLoraSpec.PatternKey(module)] = [.. mask.ToFloatArray().Select(value => value > 0)];
        }
        if (kept.Count > 0) _allocator.Kept = kept;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _allocator.Dispose();
        base.Dispose(disposing);
    }

    private static List<FlatEntry> Entries(AdaLoraSpec spec, ModuleMap modules)
    {
        var entries = new List<FlatEntry>();
        foreach (var module in spec.Select(modules))
        {
            int rank = spec.RankOf(module);
            entries.Add(new FlatEntry(PeftFormat.Key(module, A), [rank, module.InputFeatures]));
            entries.Add(new FlatEntry(PeftFormat.Key(module, E), [rank, 1]));
            entries.Add(new FlatEntry(PeftFormat.Key(module, B), [module.OutputFeatures, rank]));
        }
        return entries;
    }

    // The root of a sum of squares has no slope at zero; there the distance has none either.
    private static Tensor Distance(Tensor gram) => (gram - eye(gram.size(0), dtype: gram.dtype, device: gram.device)).norm();

    private IEnumerable<(string Name, Tensor Value)> Continued()
    {
        foreach (var entry in Own)
        {
            yield return (entry.Name, Parameters[entry.Name]);
            yield return (entry.Name + ".importance", Parameters.Slice(_allocator.Importance, entry.Name));
            yield return (entry.Name + ".uncertainty", Parameters.Slice(_allocator.Uncertainty, entry.Name));
        }
    }
}
