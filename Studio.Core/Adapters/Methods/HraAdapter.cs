using Studio.Core.Models;
using Studio.Core.Tensors;
using static Studio.Core.Adapters.MethodSettings<Studio.Core.Adapters.Methods.HraSpec>;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of HRA (Yuan et al. 2024), as PEFT's <c>HRAConfig</c> names them.</summary>
public sealed record HraSpec : TargetedSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "hra";

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <summary>Number of reflections.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>Whether the reflections are made orthogonal to each other first (Gram-Schmidt).</summary>
    public bool Orthogonal { get; init; }

    /// <inheritdoc/>
    public override bool StartsAsBase => !Orthogonal && Rank % 2 == 0;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems(ModuleMap modules) => TargetProblems.Of(this, modules, base.Problems(modules), module =>
        Orthogonal && module.InputFeatures < Rank ? $"{module.Name} has {module.InputFeatures} inputs, too few for {Rank} orthogonal reflections." : null);
}

/// <summary>
/// HRA (Yuan et al. 2024; PEFT <c>HRALayer</c>): W' = W H, H a chain of r reflections I - 2 u u^T with the unit columns of U [in, r]. The base sees
/// x H^T. A chain is I - U S U^T with S^-1 = striu(U^T U) + I / 2 (Joffrain et al. 2006); orthogonalised, it is I - 2 P, P the projection on the span of U.
/// Columns start in equal pairs, which cancel, so the start equals the base; not so for an odd r or orthogonal reflections.
/// </summary>
public sealed class HraAdapter(HraSpec spec, AdapterSite site, FlatParameters parameters) : TargetedAdapter<HraSpec>(spec, site, parameters)
{
    private const string Vectors = "hra_u";

    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = HraSpec.MethodName,
        PeftType = "HRA",
        Title = "HRA",
        Summary = "Reflects the inputs of the chosen layers a few times: orthogonal as OFT, with as few parameters as LoRA of half the rank.",
        Source = "Yuan et al. 2024, arXiv 2405.17484",
        LearningRates = new LearningRateAdvice(1e-5, 5e-3, "the authors' scripts (1e-5 for Llama 2, 8e-4 to 3e-3 on GLUE) and PEFT's HRA example (5e-3)"),
        Defaults = new HraSpec(),
        Settings =
        [
            Whole("r", "Reflections", "Number of reflections. An even number starts at the base exactly; 8 to 32 are usual.", spec => spec.Rank, (spec, value) => spec with { Rank = value }, 1, 4096, absent: 8),
            Flag("apply_GS", "Orthogonal reflections", "Makes the reflections orthogonal to each other. Holds closer to the base's geometry, but does not start at the base.",
                spec => spec.Orthogonal, (spec, value) => spec with { Orthogonal = value }, advanced: true),
            .. SharedSettings.Targeting,
            SharedSettings.Bias("hra"),
            Note("init_weights", "true"),
        ],
        Entries = (spec, modules) => [.. ((HraSpec)spec).Select(modules).Select(module => new FlatEntry(PeftFormat.Key(module, Vectors), [module.InputFeatures, ((HraSpec)spec).Rank]))],
        Create = (spec, site, parameters) => new HraAdapter((HraSpec)spec, site, parameters),
    };

    /// <inheritdoc/>
    public override string? WhyNotMerged => null;

    /// <inheritdoc/>
    public override void Initialize(Generator random)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        // Equal pairs have no orthogonal complement.
        bool pairs = Settings.Rank % 2 == 0 && !Settings.Orthogonal;
        foreach (var module in Targets)
        {
            var vectors = Of(module, Vectors);
            int drawn = pairs ? Settings.Rank / 2 : Settings.Rank;
            var values = empty([module.InputFeatures, drawn], dtype: vectors.dtype, device: vectors.device);
            Initial.KaimingUniform(values, random); // over the columns, as PEFT calls it
            vectors.copy_(pairs ? values.repeat_interleave(2, 1) : values);
        }
    }

    /// <inheritdoc/>
    public override bool TransformsInput(ModuleTarget module) => IsTarget(module);

    /// <inheritdoc/>
    public override Tensor TransformInput(ModuleTarget module, Tensor x, AdapterPass pass)
    {
        var (units, core) = Reflections(module);
        return Reflected(x, units, core.t());
    }

    /// <inheritdoc/>
    public override Tensor MergeWeight(ModuleTarget module, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        if (!IsTarget(module)) return weight.clone();
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var (units, core) = Reflections(module);
        return Reflected(weight, units, core).MoveToOuterDisposeScope();
    }

    // x (I - U S U^T) for rows x [n, in]. In the adapter's type: equal pairs cancel only there.
    private static Tensor Reflected(Tensor x, Tensor units, Tensor core) => (x - x.to(units.dtype).matmul(units).matmul(core).matmul(units.t())).to(x.dtype);

    // Unit columns U [in, r] and S [r, r].
    private (Tensor Units, Tensor Core) Reflections(ModuleTarget module)
    {
        var vectors = Of(module, Vectors);
        var units = vectors / (vectors * vectors).sum(0, keepdim: true).sqrt();
        var products = units.t().matmul(units);
        if (Settings.Orthogonal) return (units, linalg.inv(products) * 2);
        return (units, linalg.inv(products.triu(1) + eye(Settings.Rank, dtype: vectors.dtype, device: vectors.device) * 0.5));
    }
}
