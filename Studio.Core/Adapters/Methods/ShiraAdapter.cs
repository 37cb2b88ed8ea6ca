using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// SHiRA (Bhardwaj et al. 2024; PEFT <c>ShiraLayer</c>): dW is sparse; its r (in + out) values [n] are trained, their places [2, n] (row, column, in
/// ascending order) are drawn at random once and stored. Activations are multiplied by the sparse matrix.
/// </summary>
public sealed class ShiraAdapter : WeightDeltaAdapter<ShiraSpec>
{
    // What a torch.Generator that nobody seeded begins with.
    private const ulong DefaultSeed = 67280421310721;
    private const string Values = "shira_weight";
    private const string Places = "shira_indices";

    private readonly AdapterBuffers _places;

    /// <summary>Builds the adapter and draws the places of a random mask.</summary>
    public ShiraAdapter(ShiraSpec spec, AdapterSite site, FlatParameters parameters)
        : base(spec, site, parameters)
    {
        ArgumentNullException.ThrowIfNull(spec);
        _places = new AdapterBuffers(site);
        if (spec.MaskType != ShiraSpec.RandomMask) return;
        foreach (var module in Targets)
        {
            using var places = Draw(module, spec.CountOf(module), spec.MaskSeed is { } seed ? (ulong)seed : DefaultSeed);
            _places.Set(PeftFormat.Key(module, Places), places);
        }
    }

    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = ShiraSpec.MethodName,
        PeftType = "SHIRA",
        Title = "SHiRA",
        Summary = "Trains a few randomly chosen single weights of each layer: a sparse update of high rank, cheap to switch.",
        Source = "Bhardwaj et al. 2024, arXiv 2406.13175",
        LearningRates = new LearningRateAdvice(1e-4, 1e-3, "PEFT's MetaMathQA comparison (3e-4); the factor of three around it is this studio's own guess"),
        Defaults = new ShiraSpec(),
        Settings = ShiraSpec.Settings,
        Entries = (spec, modules) => [.. ((ShiraSpec)spec).Select(modules).Select(module => new FlatEntry(PeftFormat.Key(module, Values), [((ShiraSpec)spec).CountOf(module)]))],
        Create = (spec, site, parameters) => new ShiraAdapter((ShiraSpec)spec, site, parameters),
    };

    /// <inheritdoc/>
    public override void Initialize(Generator random)
    {
        if (Settings.MaskType != ShiraSpec.RandomMask)
            throw new NotSupportedException($"SHiRA's mask '{Settings.MaskType}' comes from another program and is known from a file only; a new adapter needs '{ShiraSpec.RandomMask}'.");
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var module in Targets)
        {
            if (Settings.BeginsAtBase) Of(module, Values).zero_();
            else Of(module, Values).normal_(0, 1, random);
        }
    }

    /// <inheritdoc/>
    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        var values = Of(module, Values);
        // In the adapter's type: sparse products do not exist in every type of activations.
        var change = ScriptKernels.SparseMultiply(PlacesOf(module), values, module.OutputFeatures, module.InputFeatures, x.to(values.dtype).t()); // [out, rows]
        return y + change.t().to(y.dtype);
    }

    /// <inheritdoc/>
    public override void Export(AdapterExport export)
    {
        ArgumentNullException.ThrowIfNull(export);
        base.Export(export);
        foreach (var module in Targets) export.Weights[PeftFormat.Key(module, Places)] = PlacesOf(module).to(ScalarType.Int32);
    }

    /// <inheritdoc/>
    public override void Import(AdapterImport import)
    {
        ArgumentNullException.ThrowIfNull(import);
        base.Import(import);
        foreach (var module in Targets)
        {
            string name = PeftFormat.Key(module, Places);
            using var stored = import.Take(name, 2, Settings.CountOf(module));
            if (stored is null) continue;
            using var scope = NewDisposeScope();
            var places = stored.to(ScalarType.Int64); // PEFT on Windows writes them as fp32
            if (IsOutside(places[0], module.OutputFeatures) || IsOutside(places[1], module.InputFeatures))
                import.Refuse($"{name} points outside of the weight [{module.OutputFeatures}, {module.InputFeatures}]");
            else _places.Set(name, places);
        }
    }

    /// <inheritdoc/>
    protected override Tensor Delta(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var values = Of(module, Values);
        var places = PlacesOf(module);
        return zeros([(long)module.OutputFeatures * module.InputFeatures], dtype: values.dtype, device: values.device)
            .index_add(0, places[0] * module.InputFeatures + places[1], values, 1).view(module.OutputFeatures, module.InputFeatures);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _places.Dispose();
        base.Dispose(disposing);
    }

    private Tensor PlacesOf(ModuleTarget module) => _places[PeftFormat.Key(module, Places)];

    private static bool IsOutside(Tensor index, int size) => index.numel() > 0 && (index.min().item<long>() < 0 || index.max().item<long>() >= size);

    private static Tensor Draw(ModuleTarget module, int count, ulong seed)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(seed);
        var first = randperm((long)module.OutputFeatures * module.InputFeatures, generator: random).narrow(0, 0, count).sort().Values;
        return stack([first.div(module.InputFeatures, RoundingMode.floor), first.remainder(module.InputFeatures)]).MoveToOuterDisposeScope();
    }
}
