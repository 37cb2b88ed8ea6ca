using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Composition;

/// <summary>Combinations that add the factors A and B of LoRA adapters.</summary>
internal static class FactorCombination
{
    public static IAdapter Combine(CombinationRequest request, AdapterSite site, Generator random)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var modules = request.Members.SelectMany(member => AdapterCombination.Factors(member.Adapter).Changed).DistinctBy(module => module.Name).ToList();
        int rank = modules.Max(module => Of(request, module).Select(part => (int)part.Factors.A.size(0)).Aggregate(0, (a, b) => request.Kind == CombinationKind.Concatenate ? a + b : Math.Max(a, b)));
        return AdapterCombination.NewLora(modules, rank, site, module =>
        {
            var parts = Of(request, module).ToList();
            return request.Kind == CombinationKind.Concatenate ? SideBySide(parts, rank) : (Added(request, parts, part => part.A, random), Added(request, parts, part => part.B, random));
        });
    }

    private static IEnumerable<(LowRankFactors Factors, double Weight)> Of(CombinationRequest request, ModuleTarget module) => request.Members
        .Where(member => AdapterCombination.Factors(member.Adapter).Changed.Any(changed => changed.Name == module.Name))
        .Select(member => (AdapterCombination.Factors(member.Adapter).FactorsOf(module), member.Weight));

    // Ranks that are not used on this module stay zero.
    private static (Tensor A, Tensor B) SideBySide(List<(LowRankFactors Factors, double Weight)> parts, int rank)
    {
        var a = cat([.. parts.Select(part => part.Factors.A.detach() * (part.Weight * part.Factors.Scale))], 0);
        var b = cat([.. parts.Select(part => part.Factors.B.detach())], 1);
        long missing = rank - a.size(0);
        return missing == 0 ? (a, b) : (cat([a, zeros([missing, a.size(1)], dtype: a.dtype, device: a.device)], 0), cat([b, zeros([b.size(0), missing], dtype: b.dtype, device: b.device)], 1));
    }

    private static Tensor Added(CombinationRequest request, List<(LowRankFactors Factors, double Weight)> parts, Func<LowRankFactors, Tensor> factor, Generator random)
    {
        var weights = parts.Select(part => Math.Sqrt(part.Weight * part.Factors.Scale)).ToList();
        return Combined(request, [.. parts.Select(part => factor(part.Factors).detach())], weights, random);
    }

    /// <summary>One tensor of several, by the kind's rule.</summary>
    internal static Tensor Combined(CombinationRequest request, IReadOnlyList<Tensor> tensors, IReadOnlyList<double> weights, Generator random) => request.Kind switch
    {
        CombinationKind.Ties or CombinationKind.TiesSvd =>
            CombinationMath.SumOfMajority([.. tensors.Select(tensor => CombinationMath.KeepLargest(tensor, request.Density))], weights, request.Signs),
        CombinationKind.DareLinear or CombinationKind.DareLinearSvd =>
            CombinationMath.Sum([.. tensors.Select(tensor => CombinationMath.KeepAtRandom(tensor, request.Density, random))], weights),
        CombinationKind.DareTies or CombinationKind.DareTiesSvd =>
            CombinationMath.SumOfMajority([.. tensors.Select(tensor => CombinationMath.KeepAtRandom(tensor, request.Density, random))], weights, request.Signs),
        CombinationKind.MagnitudePrune or CombinationKind.MagnitudePruneSvd =>
            CombinationMath.Sum([.. tensors.Select(tensor => CombinationMath.KeepLargest(tensor, request.Density))], weights),
        _ => CombinationMath.Sum(tensors, weights),
    };
}
