using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// VeRA (Kopiczko et al. 2023; PEFT <c>VeraLayer</c>): y += b * (B (d * (A x))), with A [r, in] and B [out, r] random, frozen and shared by all modules
/// (each takes the first columns of A and the first rows of B that it needs); d [r] and b [out] are trained.
/// </summary>
public sealed class VeraAdapter : WeightDeltaAdapter<VeraSpec>
{
    private const string InnerScale = "vera_lambda_d";
    private const string OuterScale = "vera_lambda_b";
    private const string A = "base_model.vera_A";
    private const string B = "base_model.vera_B";

    private readonly AdapterBuffers _projections;

    /// <summary>Builds the adapter and draws its projections.</summary>
    public VeraAdapter(VeraSpec spec, AdapterSite site, FlatParameters parameters)
        : base(spec, site, parameters)
    {
        ArgumentNullException.ThrowIfNull(spec);
        _projections = new AdapterBuffers(site);
        using var scope = NewDisposeScope();
        using var random = new Generator((ulong)spec.ProjectionSeed);
        _projections.Set(A, Draw(spec.Rank, Targets.Max(module => module.InputFeatures), random));
        _projections.Set(B, Draw(Targets.Max(module => module.OutputFeatures), spec.Rank, random));
    }

    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = VeraSpec.MethodName,
        PeftType = "VERA",
        Title = "VeRA",
        Summary = "Trains two small vectors a layer around random projections that all layers share: the smallest files.",
        Source = "Kopiczko et al. 2023, arXiv 2310.11454",
        LearningRates = new LearningRateAdvice(1e-3, 2e-2, "PEFT's MetaMathQA comparison (1e-3) and VeRA example (2e-2)"),
        Defaults = new VeraSpec(),
        Settings = VeraSpec.Settings,
        Entries = (spec, modules) => Entries((VeraSpec)spec, modules),
        Create = (spec, site, parameters) => new VeraAdapter((VeraSpec)spec, site, parameters),
    };

    /// <summary>A [r, largest in].</summary>
    public Tensor ProjectionA => _projections[A];

    /// <summary>B [largest out, r].</summary>
    public Tensor ProjectionB => _projections[B];

    /// <inheritdoc/>
    protected override double Dropout => Settings.Dropout;

    /// <inheritdoc/>
    public override void Initialize(Generator random)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var module in Targets)
        {
            if (Settings.BeginsAtBase)
            {
                Of(module, InnerScale).fill_(Settings.InitialScale);
                Of(module, OuterScale).zero_();
                continue;
            }
            Of(module, InnerScale).normal_(0, 1, random);
            Of(module, OuterScale).fill_(1);
        }
    }

    /// <inheritdoc/>
    public override void BeginPass(AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        pass.Share(A, _projections[A].to(Site.ComputeType));
        pass.Share(B, _projections[B].to(Site.ComputeType));
    }

    /// <inheritdoc/>
    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(pass);
        ArgumentNullException.ThrowIfNull(x);
        var a = pass.Shared(A).to(x.dtype).narrow(1, 0, module.InputFeatures);
        var b = pass.Shared(B).to(x.dtype).narrow(0, 0, module.OutputFeatures);
        var inner = nn.functional.linear(pass.Dropout(x, Dropout), a) * Of(module, InnerScale, x); // [rows, r]
        return y + nn.functional.linear(inner, b) * Of(module, OuterScale, x);
    }

    /// <inheritdoc/>
    public override void Export(AdapterExport export)
    {
        ArgumentNullException.ThrowIfNull(export);
        base.Export(export);
        if (!Settings.SaveProjection) return;
        export.Weights[A] = _projections[A];
        export.Weights[B] = _projections[B];
    }

    /// <inheritdoc/>
    public override void Import(AdapterImport import)
    {
        ArgumentNullException.ThrowIfNull(import);
        base.Import(import);
        if (!Settings.SaveProjection) return;
        import.CopyTo(A, _projections[A]);
        import.CopyTo(B, _projections[B]);
    }

    /// <inheritdoc/>
    protected override Tensor Delta(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var outer = Of(module, OuterScale).unsqueeze(1) * _projections[B].narrow(0, 0, module.OutputFeatures);
        return outer.matmul(Of(module, InnerScale).unsqueeze(1) * _projections[A].narrow(1, 0, module.InputFeatures));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _projections.Dispose();
        base.Dispose(disposing);
    }

    // On the CPU and in fp32, as the reference draws.
    private static Tensor Draw(long rows, long columns, Generator random)
    {
        double bound = Initial.KaimingBound(columns);
        return empty([rows, columns], dtype: ScalarType.Float32).uniform_(-bound, bound, random);
    }

    private static List<FlatEntry> Entries(VeraSpec spec, ModuleMap modules)
    {
        var entries = new List<FlatEntry>();
        foreach (var module in spec.Select(modules))
        {
            entries.Add(new FlatEntry(PeftFormat.Key(module, OuterScale), [module.OutputFeatures]));
            entries.Add(new FlatEntry(PeftFormat.Key(module, InnerScale), [spec.Rank]));
        }
        return entries;
    }
}
