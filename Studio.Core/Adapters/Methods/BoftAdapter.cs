using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// BOFT (Liu et al. 2023; PEFT <c>BOFTLayer</c>): W' = s * W (B_N .. B_1)^T, each factor B = P blockdiag(R) P^T a rotation of blocks whose features P brings
/// together from ever farther apart; R = (I - Q)(I + Q)^-1, Q the skew-symmetric part of boft_R [factors, blocks, b, b]; s [out, 1]. The base sees
/// x B_N .. B_1. It starts at Q = 0, s = 1, so the start equals the base. The bias stays.
/// </summary>
public sealed class BoftAdapter : TargetedAdapter<BoftSpec>
{
    private const string Rotation = "boft_R";
    private const string Scale = "boft_s";

    private readonly Dictionary<string, Tensor> _biases = new(StringComparer.Ordinal);
    private readonly Dictionary<(int Features, int Size), IReadOnlyList<(Tensor There, Tensor Back)>> _orders = [];

    /// <summary>Builds the adapter; values are zero until <see cref="Initialize"/> or a file sets them.</summary>
    public BoftAdapter(BoftSpec spec, AdapterSite site, FlatParameters parameters)
        : base(spec, site, parameters)
    {
        ArgumentNullException.ThrowIfNull(site);
        using var scope = NewDisposeScope();
        foreach (var module in Targets)
        {
            if (site.Bias(module) is { } bias) _biases[module.Name] = bias.Owned();
            var shape = (module.InputFeatures, spec.SizeFor(module));
            if (spec.ActingFactors > 1 && !_orders.ContainsKey(shape)) _orders[shape] = Orders(shape.InputFeatures, shape.Item2);
        }
    }

    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = BoftSpec.MethodName,
        PeftType = "BOFT",
        Title = "BOFT",
        Summary = "Rotates inputs in small blocks that a butterfly pattern mixes, and scales outputs. Finer than OFT with fewer parameters, slower to compute.",
        Source = "Liu et al. 2023, arXiv 2311.06243",
        LearningRates = new LearningRateAdvice(1e-5, 1e-3, "PEFT's BOFT examples (1e-5, 3e-5) and MetaMathQA comparison (1e-4); the upper end is this studio's own guess"),
        Defaults = new BoftSpec(),
        Settings = BoftSettings.All,
        Observe = (spec, shapes) => Observe((BoftSpec)spec, shapes),
        Entries = (spec, modules) => Entries((BoftSpec)spec, modules),
        Create = (spec, site, parameters) => new BoftAdapter((BoftSpec)spec, site, parameters),
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
            Of(module, Rotation).zero_();
            Of(module, Scale).fill_(1);
        }
    }

    /// <inheritdoc/>
    public override bool TransformsInput(ModuleTarget module) => IsTarget(module);

    /// <inheritdoc/>
    public override Tensor TransformInput(ModuleTarget module, Tensor x, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        int factors = Settings.ActingFactors;
        // One of the factors drops blocks, whichever it is this time.
        long dropping = pass.Training && Settings.Dropout > 0 ? (factors == 1 ? 0 : randint(0, factors, [1], device: Site.Device, generator: pass.Random).item<long>()) : -1;
        for (int factor = factors - 1; factor >= 0; factor--)
        {
            var change = Change(module, factor);
            x = Turned(module, x, factor, factor == dropping ? BlockRotation.Dropout(change, Settings.Dropout, pass) : change);
        }
        return x;
    }

    /// <inheritdoc/>
    public override bool ChangesOutput(ModuleTarget module) => IsTarget(module);

    /// <inheritdoc/>
    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(y);
        var scale = Of(module, Scale).reshape(-1);
        // In the adapter's type: a factor near 1 would lose its changes in bf16.
        return (_biases.TryGetValue(module.Name, out var bias) ? y * scale + bias * (1 - scale) : y * scale).to(y.dtype);
    }

    /// <inheritdoc/>
    public override Tensor MergeWeight(ModuleTarget module, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        if (!IsTarget(module)) return weight.clone();
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var merged = weight;
        for (int factor = 0; factor < Settings.ActingFactors; factor++) merged = Turned(module, merged, factor, Change(module, factor).transpose(1, 2));
        return (merged * Of(module, Scale, weight)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (var bias in _biases.Values) bias.Dispose();
        foreach (var (there, back) in _orders.Values.SelectMany(orders => orders))
        {
            there.Dispose();
            back.Dispose();
        }
        base.Dispose(disposing);
    }

    // R - I of one factor, [blocks, b, b].
    private Tensor Change(ModuleTarget module, int factor)
    {
        var values = Of(module, Rotation).select(0, factor);
        return BlockRotation.Cayley((values - values.transpose(1, 2)) * 0.5);
    }

    // x P blockdiag(R) P^T.
    private Tensor Turned(ModuleTarget module, Tensor x, int factor, Tensor change)
    {
        if (!_orders.TryGetValue((module.InputFeatures, Settings.SizeFor(module)), out var orders)) return BlockRotation.Apply(x, change);
        var (there, back) = orders[factor];
        return BlockRotation.Apply(x.index_select(1, there), change).index_select(1, back);
    }

    // Of every factor: which feature goes to which place, and back.
    private List<(Tensor There, Tensor Back)> Orders(int features, int size) =>
        [.. Enumerable.Range(0, Settings.ActingFactors).Select(factor =>
        {
            long[] order = ButterflyOrder.Of(features, features / size >> factor, size / 2), inverse = new long[features];
            for (int i = 0; i < features; i++) inverse[order[i]] = i;
            return (tensor(inverse, dtype: ScalarType.Int64, device: Site.Device).Owned(), tensor(order, dtype: ScalarType.Int64, device: Site.Device).Owned());
        })];

    // PEFT's CPU build stores a single factor, whatever its config says.
    private static BoftSpec Observe(BoftSpec spec, IReadOnlyDictionary<string, long[]> shapes) =>
        shapes.FirstOrDefault(shape => shape.Key.EndsWith("." + Rotation, StringComparison.Ordinal)).Value is [var factors, _, _, _] && factors != spec.Factors && factors is > 0 and <= int.MaxValue
            ? spec with { StoredFactors = (int)factors }
            : spec;

    private static List<FlatEntry> Entries(BoftSpec spec, ModuleMap modules)
    {
        var entries = new List<FlatEntry>();
        foreach (var module in spec.Select(modules))
        {
            int size = spec.SizeFor(module);
            entries.Add(new FlatEntry(PeftFormat.Key(module, Rotation), [spec.ActingFactors, module.InputFeatures / size, size, size]));
            entries.Add(new FlatEntry(PeftFormat.Key(module, Scale), [module.OutputFeatures, 1]));
        }
        return entries;
    }
}
