using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// DeLoRA (Bini et al. 2025; PEFT <c>DeloraLayer</c>): dW = B diag(lambda / (r |a_i| |b_i|)) A diag(n), rows a_i of A [r, in], columns b_i of B [out, r], each
/// norm at least 1e-4, and n [in] the norms of W's columns when the adapter was made; lambda [1] is trained and bounds how far the update goes.
/// </summary>
public sealed class DeloraAdapter(DeloraSpec spec, AdapterSite site, FlatParameters parameters) : WeightDeltaAdapter<DeloraSpec>(spec, site, parameters)
{
    private const string A = "delora_A";
    private const string B = "delora_B";
    private const string Lambda = "delora_lambda";
    private const string WeightNorm = "delora_w_norm";
    private const double SmallestNorm = 1e-4;

    private readonly AdapterBuffers _norms = new(site);

    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = DeloraSpec.MethodName,
        PeftType = "DELORA",
        Title = "DeLoRA",
        Summary = "A low-rank update whose direction and strength are trained apart, with a bound on how far it goes: forgiving of learning rates.",
        Source = "Bini et al. 2025, arXiv 2503.18225",
        LearningRates = new LearningRateAdvice(1e-3, 1e-2, "PEFT's DeLoRA page (10 to 100 times LoRA's, 1e-3 to 1e-2) and MetaMathQA comparison (1e-3)"),
        Defaults = new DeloraSpec(),
        Settings = DeloraSpec.Settings,
        Entries = (spec, modules) => Entries((DeloraSpec)spec, modules),
        Create = (spec, site, parameters) => new DeloraAdapter((DeloraSpec)spec, site, parameters),
    };

    /// <inheritdoc/>
    protected override double Dropout => Settings.Dropout;

    /// <inheritdoc/>
    public override void Initialize(Generator random)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var module in Targets)
        {
            Initial.KaimingUniform(Of(module, A), random);
            if (Settings.BeginsAtBase) Of(module, B).zero_();
            else Initial.KaimingUniform(Of(module, B), random);
            Of(module, Lambda).fill_(ModulePattern.Lookup(Settings.BoundaryPattern, module.Name, Settings.Boundary));
            TakeNorms(module);
        }
    }

    /// <inheritdoc/>
    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(pass);
        ArgumentNullException.ThrowIfNull(x);
        var inner = nn.functional.linear(pass.Dropout(x, Dropout) * Norms(module).to(x.dtype), Of(module, A, x)) * Strength(module).to(x.dtype); // [rows, r]
        return y + nn.functional.linear(inner, Of(module, B, x));
    }

    /// <inheritdoc/>
    public override void Export(AdapterExport export)
    {
        ArgumentNullException.ThrowIfNull(export);
        base.Export(export);
        foreach (var module in Targets) export.Weights[PeftFormat.Key(module, WeightNorm)] = Norms(module);
    }

    /// <inheritdoc/>
    public override void Import(AdapterImport import)
    {
        ArgumentNullException.ThrowIfNull(import);
        base.Import(import);
        foreach (var module in Targets)
        {
            string name = PeftFormat.Key(module, WeightNorm);
            // A file without them means those of the base, as in PEFT.
            if (!import.Has(name)) TakeNorms(module);
            else if (import.Take(name, module.InputFeatures) is { } stored)
            {
                using (stored) _norms.Set(name, stored);
            }
        }
    }

    /// <inheritdoc/>
    protected override Tensor Delta(ModuleTarget module) =>
        (Of(module, B) * Strength(module)).matmul(Of(module, A)) * Norms(module);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _norms.Dispose();
        base.Dispose(disposing);
    }

    // lambda / (r |a_i| |b_i|), [r]. The norm's gradient at zero is zero, so that a B of zeros can leave zero.
    private Tensor Strength(ModuleTarget module)
    {
        var sizes = Of(module, A).norm(1).clamp_min(SmallestNorm) * Of(module, B).norm(0).clamp_min(SmallestNorm);
        return Of(module, Lambda) / RankOf(Settings, module) / sizes;
    }

    private Tensor Norms(ModuleTarget module) => _norms[PeftFormat.Key(module, WeightNorm)];

    private void TakeNorms(ModuleTarget module)
    {
        using var weight = Site.Weights($"DeLoRA needs the column norms of {module.Name}").Weight(module.Layer);
        using var norms = weight.norm(0);
        _norms.Set(PeftFormat.Key(module, WeightNorm), norms);
    }

    private static int RankOf(DeloraSpec spec, ModuleTarget module) => ModulePattern.Lookup(spec.RankPattern, module.Name, spec.Rank);

    private static List<FlatEntry> Entries(DeloraSpec spec, ModuleMap modules)
    {
        var entries = new List<FlatEntry>();
        foreach (var module in spec.Select(modules))
        {
            int rank = RankOf(spec, module);
            entries.Add(new FlatEntry(PeftFormat.Key(module, A), [rank, module.InputFeatures]));
            entries.Add(new FlatEntry(PeftFormat.Key(module, B), [module.OutputFeatures, rank]));
            entries.Add(new FlatEntry(PeftFormat.Key(module, Lambda), [1]));
        }
        return entries;
    }
}
