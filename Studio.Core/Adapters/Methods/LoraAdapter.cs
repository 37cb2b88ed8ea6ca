using Studio.Core.Adapters.Composition;
using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// LoRA (Hu et al. 2021; PEFT <c>LoraLayer</c>): y += scale * B A dropout(x), A [r, in], B [out, r], scale = alpha / r, or alpha / sqrt(r) for rsLoRA; on the token
/// embedding y += scale * B A[:, ids]. With the parts of its settings: a bias of the update, DoRA (<see cref="DoraNorms"/>), a start at a part of the
/// base (<see cref="LoraStart"/>), a frozen A (LoRA-FA) and a faster B (LoRA+). Dropout acts on the update's input alone; PEFT's DoRA asks the base a second time, for
/// the dropped input, and equals this on average.
/// </summary>
public sealed partial class LoraAdapter : TargetedAdapter<LoraSpec>, ILowRankUpdate, ILayerUpdates
{
    private readonly IReadOnlyList<LoraTarget> _loras;
    private readonly Dictionary<string, LoraTarget> _byName;
    private readonly Dictionary<string, Tensor> _frozen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LoraPair> _starts = new(StringComparer.Ordinal);
    private readonly DoraNorms? _dora;

    /// <summary>Builds the adapter; values are zero until <see cref="Initialize"/> or a file sets them.</summary>
    public LoraAdapter(LoraSpec spec, AdapterSite site, FlatParameters parameters)
        : base(spec, site, parameters)
    {
        _loras = LoraTarget.Of(spec, site.Modules);
        _byName = _loras.ToDictionary(target => target.Module.Name, StringComparer.Ordinal);
        foreach (var target in _loras)
        {
            if (spec.FreezeA) _frozen[target.A] = Zeros(target.ShapeOfA);
            if (spec.StartsFromBase && !target.IsEmbedding) _starts[target.A] = new LoraPair(Zeros(target.ShapeOfA), Zeros(target.ShapeOfB));
        }
        if (spec.UseDora) _dora = new DoraNorms(site, _loras, parameters, Effective);

        Tensor Zeros(long[] shape) => zeros(shape, dtype: site.Type, device: site.Device).Owned();
    }

    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = LoraSpec.MethodName,
        PeftType = "LORA",
        Title = "LoRA",
        Summary = "Adds a small low-rank update to the chosen layers; the usual choice.",
        Source = "Hu et al. 2021, arXiv 2106.09685",
        LearningRates = new LearningRateAdvice(1e-4, 2e-3, "the authors' scripts (6e-5 to 5e-4), PEFT's MetaMathQA comparison (1e-4) and examples (up to 2e-3)"),
        Defaults = new LoraSpec(),
        Settings = LoraSettings.All,
        Entries = (spec, modules) => [.. LoraTarget.Of((LoraSpec)spec, modules).SelectMany(target => target.Entries((LoraSpec)spec))],
        Create = (spec, site, parameters) => new LoraAdapter((LoraSpec)spec, site, parameters),
    };

    /// <inheritdoc/>
    public override string? WhyNotMerged =>
        Settings.UseBias && _loras.FirstOrDefault(target => !SavedModules.HasBias(target.Module, Site.Modules.Config)) is { } bare
            ? $"The update of {bare.Module.Name} has a bias, and the base has none there to add it to." : null;

    /// <inheritdoc/>
    public override void Initialize(Generator random)
    {
        LoraStart.RequireComputable(Settings.Initialisation);
        using var grad = no_grad();
        foreach (var target in _loras)
        {
            using var scope = NewDisposeScope();
            var (a, b) = Pair(target);
            LoraStart.Fill(Settings.Initialisation, target, new LoraPair(a, b), target.Bias is null ? null : Parameters[target.Bias], Site, random);
            if (!_starts.TryGetValue(target.A, out var start)) continue;
            start.A.copy_(a);
            start.B.copy_(b);
        }
        Start();
    }

    /// <inheritdoc/>
    public override void BeginPass(AdapterPass pass) => _dora?.Begin(pass);

    /// <inheritdoc/>
    public override bool ChangesOutput(ModuleTarget module) => IsTarget(module);

    /// <inheritdoc/>
    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(pass);
        var target = _byName[module.Name];
        var z = target.IsEmbedding ? Embed(target, x, y) : Project(target, x, y, pass);
        return target.Magnitude is null ? z : _dora!.Apply(target, z, DoraNorms.Factor(target, Parameters[target.Magnitude], pass));
    }

    /// <summary>Plain LoRA's update, written out; what has more parts (dropout, DoRA, a bias, a start at a part of the base) is recorded.</summary>
    public LayerUpdate? UpdateOf(IReadOnlyList<PlacedModule> parts, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentNullException.ThrowIfNull(pass);
        if (_dora is not null || _starts.Count > 0 || Settings.UseBias || (pass.Training && Settings.Dropout > 0)) return null;
        var placed = new List<PlacedLora>(parts.Count);
        foreach (var (module, offset, width) in parts)
        {
            if (module is null || !_byName.TryGetValue(module.Name, out var target)) continue;
            if (target.IsEmbedding) return null;
            var (a, b) = Pair(target);
            placed.Add(new PlacedLora(target, offset, width, a, b));
        }
        return placed.Count == 0 ? null : new LoraUpdate(placed, Parameters, trainsA: !Settings.FreezeA);
    }

    /// <inheritdoc/>
    public override Tensor MergeWeight(ModuleTarget module, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(weight);
        if (WhyNotMerged is { } reason) throw new NotSupportedException(reason);
        if (!_byName.TryGetValue(module.Name, out var target)) return weight.clone();
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var (a, b) = Effective(target);
        var update = b.matmul(a).to(weight.dtype) * target.Scale; // [out, in]; of an embedding [hidden, vocabulary]
        var merged = weight + (target.IsEmbedding ? update.t() : update);
        if (target.Magnitude is null) return merged.MoveToOuterDisposeScope();
        var factor = (Parameters[target.Magnitude] / merged.norm(target.IsEmbedding ? 0 : 1, keepdim: false, p: 2)).to(weight.dtype);
        return (merged * (target.IsEmbedding ? factor : factor.unsqueeze(1))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public string? WhyNotLowRank =>
        Settings.UseDora ? "DoRA's magnitudes are part of its effect."
        : Settings.UseBias ? "its update has a bias."
        : Settings.TargetParameters.Count > 0 ? "it acts on the experts of a mixture."
        : null;

    /// <inheritdoc/>
    public IReadOnlyList<ModuleTarget> Changed => Targets;

    /// <inheritdoc/>
    public LowRankFactors FactorsOf(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var target = _byName[module.Name];
        var (a, b) = Effective(target);
        return new LowRankFactors(a, b, target.Scale);
    }

    /// <inheritdoc/>
    public override Tensor? MergeBias(ModuleTarget module, Tensor? bias)
    {
        ArgumentNullException.ThrowIfNull(module);
        if (bias is null || !_byName.TryGetValue(module.Name, out var target) || target.Bias is null) return base.MergeBias(module, bias);
        using var grad = no_grad();
        return bias + Parameters[target.Bias].to(bias.dtype) * target.Scale;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (var tensor in _frozen.Values.Concat(_starts.Values.SelectMany(start => new[] { start.A, start.B }))) tensor.Dispose();
        _dora?.Dispose();
        base.Dispose(disposing);
    }

    private Tensor Project(LoraTarget target, Tensor x, Tensor y, AdapterPass pass)
    {
        var dropped = pass.Dropout(x, Settings.Dropout);
        // What the update started at belongs to the base: it sees the input undropped.
        bool apart = _starts.TryGetValue(target.A, out var start) && !ReferenceEquals(dropped, x);
        if (apart) y = Add(y, x, start, -target.Scale);
        var z = Add(y, dropped, apart ? Pair(target) : Effective(target), target.Scale);
        return target.Bias is null ? z : z + Value(target.Bias, z) * target.Scale;
    }

    private static Tensor Add(Tensor y, Tensor x, LoraPair pair, double scale)
    {
        var inner = nn.functional.linear(x, Cast(pair.A, x)); // [rows, r]
        return addmm(y, inner, Cast(pair.B, x).t(), 1, (float)scale);
    }

    private Tensor Embed(LoraTarget target, Tensor ids, Tensor y)
    {
        double scale = target.Scale * y.dtype.Nearest(Site.Base.Describe(target.Module.Layer).Scale);
        var (a, b) = Pair(target);
        return addmm(y, Cast(a, y).index_select(1, ids).t(), Cast(b, y).t(), 1, (float)scale); // [rows, r] [r, hidden]
    }

    private LoraPair Pair(LoraTarget target) => new(_frozen.TryGetValue(target.A, out var frozen) ? frozen : Parameters[target.A], Parameters[target.B]);

    // B A - B0 A0 as one pair: [B, -B0] [A; A0].
    private LoraPair Effective(LoraTarget target) => _starts.ContainsKey(target.A) ? Doubled(target) : Pair(target);

    // A target without a start (the embedding) is filled up with zeros, so that all have twice the rank.
    private LoraPair Doubled(LoraTarget target)
    {
        var (a, b) = Pair(target);
        var start = _starts.TryGetValue(target.A, out var known) ? known : new LoraPair(zeros_like(a, requires_grad: false), zeros_like(b, requires_grad: false));
        return new LoraPair(cat([a, start.A], 0), cat([b, -start.B], 1));
    }

    // The magnitudes start at the norms, so that the start equals the base.
    private void Start()
    {
        if (_dora is null) return;
        _dora.Forget();
        foreach (var target in _loras)
        {
            using var scope = NewDisposeScope();
            Parameters[target.Magnitude!].copy_(_dora.Compute(target));
        }
    }
}
