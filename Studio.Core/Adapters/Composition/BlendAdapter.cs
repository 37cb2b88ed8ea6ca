using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Composition;

/// <summary>One adapter of a blend.</summary>
/// <param name="Adapter">The adapter; stays with its owner.</param>
/// <param name="Weight">Its strength: 0 = not at all, 1 = as it was trained.</param>
public readonly record struct BlendMember(IAdapter Adapter, double Weight);

/// <summary>
/// Several adapters at once, blended where they act: at every projection y = share * base + sum of w_i (y_i - base), y_i being what adapter i
/// alone would make of the same input. Adapters of any methods mix, because only their effects are added. Norms, embeddings and sublayers are blended
/// likewise. What puts something before a sequence (prompts, prefixes) is there or not: its weight is 0 or 1.
/// </summary>
public sealed class BlendAdapter : IAdapter
{
    private readonly BlendMember[] _members;
    private readonly AdapterSite _site;
    private readonly double _share;
    private readonly BlendMember? _prompt;
    private readonly BlendMember[] _prefixes;

    /// <summary>Blends adapters that were built onto one base. Owns none of them.</summary>
    /// <param name="members">The adapters and their strengths; those of weight 0 take no part.</param>
    /// <param name="baseShare">Factor on the base's own output wherever an adapter acts; 1 = as it is.</param>
    /// <param name="site">The place that they were built onto.</param>
    /// <exception cref="ArgumentException">The members cannot be blended; the message says why.</exception>
    public BlendAdapter(IReadOnlyList<BlendMember> members, double baseShare, AdapterSite site)
    {
        if (Problems(members, baseShare) is { Count: > 0 } problems) throw new ArgumentException(string.Join(" ", problems), nameof(members));
        _members = [.. members.Where(member => member.Weight != 0)];
        _site = site;
        _share = baseShare;
        _prompt = _members.Where(member => member.Adapter.VirtualTokens > 0).Select(member => (BlendMember?)member).FirstOrDefault();
        _prefixes = [.. _members.Where(member => member.Adapter.PrefixLength > 0)];
        PrefixLength = _prefixes.Sum(member => member.Adapter.PrefixLength);
    }

    /// <inheritdoc/>
    public AdapterSpec Spec { get; } = new BlendSpec();

    /// <summary>A blend is not trained.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public FlatParameters Parameters => throw new NotSupportedException("A blend has no parameters of its own; it is not trained.");

    /// <inheritdoc/>
    public int VirtualTokens => _prompt?.Adapter.VirtualTokens ?? 0;

    /// <inheritdoc/>
    public int PrefixLength { get; }

    /// <inheritdoc/>
    public string? WhyNotMerged => "A blend acts on activations; combine the adapters into one to keep it.";

    /// <summary>Everything that is wrong with a blend, one sentence each.</summary>
    public static IReadOnlyList<string> Problems(IReadOnlyList<BlendMember> members, double baseShare)
    {
        ArgumentNullException.ThrowIfNull(members);
        var problems = new List<string>();
        if (members.Count == 0) problems.Add("The blend is empty; expected at least one adapter.");
        if (!double.IsFinite(baseShare) || baseShare < 0) problems.Add(FormattableString.Invariant($"The share of the base is {baseShare}; expected a number of at least 0."));
        foreach (var member in members)
        {
            if (!double.IsFinite(member.Weight)) problems.Add(FormattableString.Invariant($"A weight is {member.Weight}; expected a number."));
            else if (member.Weight is not (0 or 1) && (member.Adapter.VirtualTokens > 0 || member.Adapter.PrefixLength > 0))
                problems.Add(FormattableString.Invariant($"The weight of a {member.Adapter.Spec.Method} adapter is {member.Weight}; expected 0 or 1, because what stands before the text is there or not."));
        }
        if (members.Count(member => member.Weight != 0 && member.Adapter.VirtualTokens > 0) > 1) problems.Add("Two adapters put virtual tokens before the text; expected at most one.");
        return problems;
    }

    /// <inheritdoc/>
    public void Initialize(Generator random)
    {
    }

    /// <inheritdoc/>
    public void BeginPass(AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        foreach (var member in _members) member.Adapter.BeginPass(pass.Of(member.Adapter));
    }

    /// <inheritdoc/>
    public bool TransformsInput(ModuleTarget module) => false;

    /// <inheritdoc/>
    public Tensor TransformInput(ModuleTarget module, Tensor x, AdapterPass pass) => x;

    /// <inheritdoc/>
    public bool ChangesOutput(ModuleTarget module) => _members.Any(member => member.Adapter.TransformsInput(module) || member.Adapter.ChangesOutput(module));

    /// <inheritdoc/>
    public Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(y);
        ArgumentNullException.ThrowIfNull(pass);
        var blended = _share == 1 ? y : y * _share;
        foreach (var (adapter, weight) in _members)
        {
            if (!adapter.TransformsInput(module) && !adapter.ChangesOutput(module)) continue;
            var own = pass.Of(adapter);
            var (input, output) = (x, y);
            if (adapter.TransformsInput(module))
            {
                // Its base output is of its own input: the others' inputs must not leak into it.
                input = adapter.TransformInput(module, x, own);
                output = _site.Base.Forward(module.Layer, input.to(_site.ComputeType)).to(y.dtype);
            }
            if (adapter.ChangesOutput(module)) output = adapter.ChangeOutput(module, input, output, own);
            blended = Plus(blended, y, output, weight);
        }
        return blended;
    }

    /// <inheritdoc/>
    public bool ChangesExperts(LayerId call) => _members.Any(member => member.Adapter.ChangesExperts(call));

    /// <inheritdoc/>
    public Tensor ChangeExperts(LayerId call, Tensor x, Tensor y, RowGroups groups, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(y);
        ArgumentNullException.ThrowIfNull(pass);
        var blended = _share == 1 ? y : y * _share;
        foreach (var (adapter, weight) in _members)
            if (adapter.ChangesExperts(call)) blended = Plus(blended, y, adapter.ChangeExperts(call, x, y, groups, pass.Of(adapter)), weight);
        return blended;
    }

    /// <inheritdoc/>
    public NormWeights? OverrideNorm(NormId norm, NormWeights frozen, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        NormWeights? blended = null;
        foreach (var (adapter, weight) in _members)
        {
            if (adapter.OverrideNorm(norm, frozen, pass.Of(adapter)) is not { } own) continue;
            var sum = blended ?? frozen;
            blended = new NormWeights(sum.Weight + (own.Weight - frozen.Weight) * weight, own.Bias is null ? sum.Bias : sum.Bias! + (own.Bias - frozen.Bias!) * weight);
        }
        return blended;
    }

    /// <inheritdoc/>
    public Tensor VirtualEmbeddings(AdapterPass pass) => _prompt is { Adapter: var adapter } ? adapter.VirtualEmbeddings(pass.Of(adapter)) : throw new NotSupportedException("The blend has no virtual tokens.");

    /// <inheritdoc/>
    public KeyValues Prefix(int block, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        var prefixes = _prefixes.Select(member => member.Adapter.Prefix(block, pass.Of(member.Adapter))).ToList();
        return prefixes.Count == 1 ? prefixes[0] : new KeyValues(cat([.. prefixes.Select(prefix => prefix.Keys)], 0), cat([.. prefixes.Select(prefix => prefix.Values)], 0));
    }

    /// <inheritdoc/>
    public bool ActsAfter(SublayerId sublayer) => _members.Any(member => member.Adapter.ActsAfter(sublayer));

    /// <inheritdoc/>
    public Tensor AfterSublayer(SublayerId sublayer, Tensor input, Tensor output, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        var blended = output;
        foreach (var (adapter, weight) in _members)
            if (adapter.ActsAfter(sublayer)) blended = blended + (adapter.AfterSublayer(sublayer, input, output, pass.Of(adapter)) - output) * weight;
        return blended;
    }

    /// <inheritdoc/>
    public Tensor? ExtraLoss(AdapterPass pass) => null;

    /// <inheritdoc/>
    public void AfterBackward(AdapterStep step)
    {
    }

    /// <inheritdoc/>
    public void AfterStep(AdapterStep step)
    {
    }

    /// <inheritdoc/>
    public void Export(AdapterExport export) => throw new NotSupportedException(WhyNotMerged);

    /// <inheritdoc/>
    public void Import(AdapterImport import) => throw new NotSupportedException(WhyNotMerged);

    /// <inheritdoc/>
    public Tensor MergeWeight(ModuleTarget module, Tensor weight) => throw new NotSupportedException(WhyNotMerged);

    /// <inheritdoc/>
    public Tensor MergeExpert(LayerId expert, Tensor weight) => throw new NotSupportedException(WhyNotMerged);

    /// <inheritdoc/>
    public Tensor? MergeBias(ModuleTarget module, Tensor? bias) => throw new NotSupportedException(WhyNotMerged);

    /// <summary>Nothing to free: the members have other owners.</summary>
    public void Dispose()
    {
    }

    // The whole of one adapter is what it makes of y itself: the sum would round differently.
    private static Tensor Plus(Tensor blended, Tensor y, Tensor output, double weight) => weight == 1 && ReferenceEquals(blended, y) ? output : blended + (output - y) * weight;

    private sealed record BlendSpec : AdapterSpec
    {
        public override string Method => "blend";

        public override IReadOnlyList<string> Problems() => [];
    }
}
