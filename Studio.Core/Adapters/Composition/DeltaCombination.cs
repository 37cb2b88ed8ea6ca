using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Composition;

/// <summary>
/// Combinations of changes of weight, whatever methods made them: dW_i = merged - W, combined element by element, then written as B A of a given
/// rank by its largest singular values.
/// </summary>
internal static class DeltaCombination
{
    private const int DefaultRank = 16;

    public static IAdapter Combine(CombinationRequest request, AdapterSite site, Generator random)
    {
        var weights = site.Weights("Combining adapters through their changes of weight needs the base weights");
        var modules = site.Modules.All.Where(module => request.Members.Any(member => Acts(member.Adapter, module, site))).ToList();
        if (modules.Count == 0) throw new StudioException("None of the adapters changes a weight.");
        if (modules.FirstOrDefault(module => module.Kind != ModuleKind.Linear) is { } odd) throw new StudioException($"An adapter changes '{odd.Name}', which is no linear projection; a LoRA adapter cannot express it.");
        int rank = request.Rank ?? Math.Max(1, request.Members.Select(member => member.Adapter).OfType<ILowRankUpdate>().Select(RankOf).DefaultIfEmpty(DefaultRank).Max());
        return AdapterCombination.NewLora(modules, rank, site, module => FactorsOf(module, request, weights, rank, random));
    }

    private static (Tensor A, Tensor B) FactorsOf(ModuleTarget module, CombinationRequest request, IBaseWeights weights, int rank, Generator random)
    {
        var weight = weights.Weight(module.Layer);
        var bias = weights.Bias(module.Layer);
        var deltas = new List<Tensor>();
        foreach (var (adapter, _) in request.Members)
        {
            if (adapter.MergeBias(module, bias) is { } merged && (bias is null ? merged.abs().max().item<float>() > 0 : !merged.allclose(bias, 0, 0)))
                throw new StudioException($"An adapter changes the bias of '{module.Name}'; a LoRA adapter cannot express that.");
            deltas.Add(adapter.MergeWeight(module, weight) - weight);
        }
        var delta = FactorCombination.Combined(request, deltas, [.. request.Members.Select(member => member.Weight)], random); // [out, in]
        var (u, s, vh) = linalg.svd(delta, fullMatrices: false);
        long kept = Math.Min(rank, s.size(0));
        var b = zeros([module.OutputFeatures, rank], dtype: delta.dtype, device: delta.device);
        var a = zeros([rank, module.InputFeatures], dtype: delta.dtype, device: delta.device);
        b.narrow(1, 0, kept).copy_(u.narrow(1, 0, kept) * s.narrow(0, 0, kept));
        a.narrow(0, 0, kept).copy_(vh.narrow(0, 0, kept));
        return (a, b);
    }

    private static bool Acts(IAdapter adapter, ModuleTarget module, AdapterSite site)
    {
        if (module.Kind != ModuleKind.Norm) return adapter.ChangesOutput(module) || adapter.TransformsInput(module);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var frozen = site.Norms[module.Norm].Weights;
        return !adapter.MergeWeight(module, frozen.Weight).allclose(frozen.Weight, 0, 0) || (frozen.Bias is { } bias && !adapter.MergeBias(module, bias)!.allclose(bias, 0, 0));
    }

    private static int RankOf(ILowRankUpdate adapter)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        return adapter.Changed.Select(module => (int)adapter.FactorsOf(module).A.size(0)).DefaultIfEmpty(DefaultRank).Max();
    }
}
