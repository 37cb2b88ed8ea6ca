using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters;

/// <summary>
/// Several adapters over one set of parameters that act as one, in their order: a method and what is trained beside it. At most one of them
/// has virtual tokens, and at most one a prefix.
/// </summary>
/// <param name="spec">The settings of all.</param>
/// <param name="parameters">The parameters of all; owned.</param>
/// <param name="parts">The parts; owned.</param>
public sealed class CompositeAdapter(AdapterSpec spec, FlatParameters parameters, IReadOnlyList<IAdapter> parts) : IAdapter
{
    private readonly IAdapter? _prompt = parts.FirstOrDefault(part => part.VirtualTokens > 0);
    private readonly IAdapter? _prefix = parts.FirstOrDefault(part => part.PrefixLength > 0);

    /// <inheritdoc/>
    public AdapterSpec Spec => spec;

    /// <inheritdoc/>
    public FlatParameters Parameters => parameters;

    /// <inheritdoc/>
    public int VirtualTokens => _prompt?.VirtualTokens ?? 0;

    /// <inheritdoc/>
    public int PrefixLength => _prefix?.PrefixLength ?? 0;

    /// <inheritdoc/>
    public string? WhyNotMerged => parts.Select(part => part.WhyNotMerged).FirstOrDefault(reason => reason is not null);

    /// <inheritdoc/>
    public void Initialize(Generator random)
    {
        foreach (var part in parts) part.Initialize(random);
    }

    /// <inheritdoc/>
    public void BeginPass(AdapterPass pass)
    {
        foreach (var part in parts) part.BeginPass(pass);
    }

    /// <inheritdoc/>
    public bool TransformsInput(ModuleTarget module) => parts.Any(part => part.TransformsInput(module));

    /// <inheritdoc/>
    public Tensor TransformInput(ModuleTarget module, Tensor x, AdapterPass pass) =>
        parts.Where(part => part.TransformsInput(module)).Aggregate(x, (input, part) => part.TransformInput(module, input, pass));

    /// <inheritdoc/>
    public bool ChangesOutput(ModuleTarget module) => parts.Any(part => part.ChangesOutput(module));

    /// <inheritdoc/>
    public Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass) =>
        parts.Where(part => part.ChangesOutput(module)).Aggregate(y, (output, part) => part.ChangeOutput(module, x, output, pass));

    /// <inheritdoc/>
    public bool ChangesExperts(LayerId call) => parts.Any(part => part.ChangesExperts(call));

    /// <inheritdoc/>
    public Tensor ChangeExperts(LayerId call, Tensor x, Tensor y, RowGroups groups, AdapterPass pass) =>
        parts.Where(part => part.ChangesExperts(call)).Aggregate(y, (output, part) => part.ChangeExperts(call, x, output, groups, pass));

    /// <inheritdoc/>
    public NormWeights? OverrideNorm(NormId norm, NormWeights frozen, AdapterPass pass)
    {
        NormWeights? weights = null;
        foreach (var part in parts) weights = part.OverrideNorm(norm, weights ?? frozen, pass) ?? weights;
        return weights;
    }

    /// <inheritdoc/>
    public Tensor VirtualEmbeddings(AdapterPass pass) => (_prompt ?? parts[0]).VirtualEmbeddings(pass);

    /// <inheritdoc/>
    public KeyValues Prefix(int block, AdapterPass pass) => (_prefix ?? parts[0]).Prefix(block, pass);

    /// <inheritdoc/>
    public bool ActsAfter(SublayerId sublayer) => parts.Any(part => part.ActsAfter(sublayer));

    /// <inheritdoc/>
    public Tensor AfterSublayer(SublayerId sublayer, Tensor input, Tensor output, AdapterPass pass) =>
        parts.Where(part => part.ActsAfter(sublayer)).Aggregate(output, (y, part) => part.AfterSublayer(sublayer, input, y, pass));

    /// <inheritdoc/>
    public Tensor? ExtraLoss(AdapterPass pass)
    {
        Tensor? sum = null;
        foreach (var part in parts)
            if (part.ExtraLoss(pass) is { } extra) sum = sum is null ? extra : sum + extra;
        return sum;
    }

    /// <inheritdoc/>
    public void AfterBackward(AdapterStep step)
    {
        foreach (var part in parts) part.AfterBackward(step);
    }

    /// <inheritdoc/>
    public void AfterStep(AdapterStep step)
    {
        foreach (var part in parts) part.AfterStep(step);
    }

    /// <inheritdoc/>
    public void Export(AdapterExport export)
    {
        foreach (var part in parts) part.Export(export);
    }

    /// <inheritdoc/>
    public void Import(AdapterImport import)
    {
        foreach (var part in parts) part.Import(import);
    }

    /// <inheritdoc/>
    public Tensor MergeWeight(ModuleTarget module, Tensor weight) => Merge(weight, (part, merged) => part.MergeWeight(module, merged));

    /// <inheritdoc/>
    public Tensor MergeExpert(LayerId expert, Tensor weight) => Merge(weight, (part, merged) => part.MergeExpert(expert, merged));

    /// <inheritdoc/>
    public Tensor? MergeBias(ModuleTarget module, Tensor? bias)
    {
        var merged = parts[0].MergeBias(module, bias);
        foreach (var part in parts.Skip(1))
        {
            using var before = merged;
            merged = part.MergeBias(module, before);
        }
        return merged;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in parts) part.Dispose();
        parameters.Dispose();
    }

    private Tensor Merge(Tensor weight, Func<IAdapter, Tensor, Tensor> merge)
    {
        var merged = merge(parts[0], weight);
        foreach (var part in parts.Skip(1))
        {
            using var before = merged;
            merged = merge(part, before);
        }
        return merged;
    }
}
