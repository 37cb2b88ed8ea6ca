using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// RandLoRA (Albert et al. 2025; PEFT <c>RandLoraLayer</c>): a full-rank update from n random bases that all modules share and only scales are trained
/// of. With s the smaller and l the larger side of W: A' = lambda[:, :, None] * A * gamma [r n, s], B' = B [l, n r], dW = alpha / r * B' A' where s is the
/// input side, else its transpose. The columns of B' run over (basis, rank), the rows of A' over (rank, basis), as in PEFT.
/// </summary>
public sealed class RandLoraAdapter : WeightDeltaAdapter<RandLoraSpec>
{
    private const string Lambda = "randlora_lambda";
    private const string Gamma = "randlora_gamma";
    private const string A = "randlora_A";
    private const string B = "randlora_B";
    private const string Shared = "base_model.";

    private readonly AdapterBuffers _bases;

    /// <summary>Builds the adapter and draws its bases.</summary>
    public RandLoraAdapter(RandLoraSpec spec, AdapterSite site, FlatParameters parameters)
        : base(spec, site, parameters)
    {
        _bases = new AdapterBuffers(site);
        using var scope = NewDisposeScope();
        var (a, b) = RandLoraBases.Draw(spec, Targets.Max(module => module.OutputFeatures), Targets.Max(module => module.InputFeatures));
        _bases.Set(A, a);
        _bases.Set(B, b);
    }

    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = RandLoraSpec.MethodName,
        PeftType = "RANDLORA",
        Title = "RandLoRA",
        Summary = "Trains the scales of shared random bases: a full-rank update with few parameters.",
        Source = "Albert et al. 2025, arXiv 2502.00987",
        LearningRates = new LearningRateAdvice(1e-5, 1e-4, "PEFT's MetaMathQA comparison (1e-4 at alpha 640); less where training is unstable, as PEFT's RandLoraConfig advises"),
        Defaults = new RandLoraSpec(),
        Settings = RandLoraSpec.Settings,
        Entries = (spec, modules) => Entries((RandLoraSpec)spec, modules),
        Create = (spec, site, parameters) => new RandLoraAdapter((RandLoraSpec)spec, site, parameters),
    };

    /// <summary>A [r, 1, smaller side].</summary>
    public Tensor BasesA => _bases[A];

    /// <summary>B [larger side, n, r].</summary>
    public Tensor BasesB => _bases[B];

    /// <inheritdoc/>
    protected override double Dropout => Settings.Dropout;

    /// <inheritdoc/>
    public override void Initialize(Generator random)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var module in Targets)
        {
            var gamma = Of(module, Gamma);
            if (Settings.BeginsAtBase) Of(module, Lambda).zero_();
            else Of(module, Lambda).normal_(0, 1, random);
            gamma.fill_(1.0 / (Settings.BeginsAtBase ? gamma.shape.Max() : Larger(module)));
        }
    }

    /// <inheritdoc/>
    public override void BeginPass(AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        pass.Share(B, _bases[B].to(Site.ComputeType));
    }

    /// <inheritdoc/>
    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(pass);
        ArgumentNullException.ThrowIfNull(x);
        var (trained, frozen) = ((Trained(module) * Scale).to(x.dtype), Frozen(module, pass.Shared(B).to(x.dtype)));
        var input = pass.Dropout(x, Dropout);
        return y + (IsInputSmaller(module)
            ? nn.functional.linear(nn.functional.linear(input, trained), frozen)
            : input.matmul(frozen).matmul(trained));
    }

    /// <inheritdoc/>
    public override void Export(AdapterExport export)
    {
        ArgumentNullException.ThrowIfNull(export);
        base.Export(export);
        if (!Settings.SaveProjection) return;
        // PEFT stores the shared bases once for the model and once more for every module.
        foreach (string name in new[] { A, B })
        {
            export.Weights[Shared + name] = _bases[name];
            foreach (var module in Targets) export.Weights[PeftFormat.Key(module, name)] = _bases[name];
        }
    }

    /// <inheritdoc/>
    public override void Import(AdapterImport import)
    {
        ArgumentNullException.ThrowIfNull(import);
        base.Import(import);
        if (!Settings.SaveProjection) return;
        foreach (string name in new[] { A, B })
        {
            import.CopyTo(Shared + name, _bases[name]);
            foreach (var module in Targets.Where(module => import.Has(PeftFormat.Key(module, name)))) RequireShared(import, PeftFormat.Key(module, name), _bases[name]);
        }
    }

    /// <inheritdoc/>
    protected override Tensor Delta(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var product = Frozen(module, _bases[B]).matmul(Trained(module)) * Scale; // [larger, smaller]
        return IsInputSmaller(module) ? product : product.t();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _bases.Dispose();
        base.Dispose(disposing);
    }

    private double Scale => Settings.Alpha / Settings.Rank;

    // A' [r n, smaller].
    private Tensor Trained(ModuleTarget module) =>
        (Of(module, Lambda).unsqueeze(2) * _bases[A].narrow(2, 0, Smaller(module)) * Of(module, Gamma).unsqueeze(0)).flatten(0, 1);

    // B' [larger, n r].
    private Tensor Frozen(ModuleTarget module, Tensor bases) =>
        bases.narrow(0, 0, Larger(module)).narrow(1, 0, RandLoraBases.Count(Smaller(module), Settings.Rank)).flatten(1);

    private static bool IsInputSmaller(ModuleTarget module) => module.InputFeatures <= module.OutputFeatures;

    private static int Smaller(ModuleTarget module) => Math.Min(module.InputFeatures, module.OutputFeatures);

    private static int Larger(ModuleTarget module) => Math.Max(module.InputFeatures, module.OutputFeatures);

    private static void RequireShared(AdapterImport import, string name, Tensor shared)
    {
        using var scope = NewDisposeScope();
        using var stored = import.Take(name, shared.shape);
        if (stored is not null && !stored.to(shared.dtype).to(shared.device).eq(shared).all().item<bool>()) import.Refuse($"{name} differs from the bases that all modules share");
    }

    private static List<FlatEntry> Entries(RandLoraSpec spec, ModuleMap modules)
    {
        var entries = new List<FlatEntry>();
        foreach (var module in spec.Select(modules))
        {
            int count = RandLoraBases.Count(Smaller(module), spec.Rank);
            entries.Add(new FlatEntry(PeftFormat.Key(module, Lambda), [spec.Rank, count]));
            entries.Add(new FlatEntry(PeftFormat.Key(module, Gamma), [count, Smaller(module)]));
        }
        return entries;
    }
}
