using Studio.Core.Adapters.Methods;
using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Composition;

/// <summary>Ways to make one LoRA adapter of several adapters (PEFT <c>add_weighted_adapter</c>).</summary>
public enum CombinationKind
{
    /// <summary>Ranks side by side: exactly the weighted sum. LoRA only.</summary>
    Concatenate,

    /// <summary>The weighted sum of the changes of weight, approximated at a rank by its largest singular values. Any methods that merge.</summary>
    Svd,

    /// <summary>A and B are summed each for itself, with the roots of the weights. Not the sum of the effects: cross terms appear. LoRA of one rank only.</summary>
    Linear,

    /// <summary>TIES on A and B: large values only, signs by majority. LoRA of one rank only.</summary>
    Ties,

    /// <summary>TIES on the changes of weight, then the largest singular values.</summary>
    TiesSvd,

    /// <summary>DARE on A and B: values dropped at random, the rest made larger. LoRA of one rank only.</summary>
    DareLinear,

    /// <summary>DARE on the changes of weight, then the largest singular values.</summary>
    DareLinearSvd,

    /// <summary>DARE, then signs by majority, on A and B. LoRA of one rank only.</summary>
    DareTies,

    /// <summary>DARE, then signs by majority, on the changes of weight, then the largest singular values.</summary>
    DareTiesSvd,

    /// <summary>The largest values of A and B only. LoRA of one rank only.</summary>
    MagnitudePrune,

    /// <summary>The largest values of the changes of weight only, then the largest singular values.</summary>
    MagnitudePruneSvd,
}

/// <summary>What to combine and how.</summary>
public sealed record CombinationRequest
{
    /// <summary>The way.</summary>
    public CombinationKind Kind { get; init; } = CombinationKind.Concatenate;

    /// <summary>The adapters and their weights, at least one.</summary>
    public required IReadOnlyList<BlendMember> Members { get; init; }

    /// <summary>Rank of the result for the kinds over singular values; null = the largest rank of the members, or 16 where they have none.</summary>
    public int? Rank { get; init; }

    /// <summary>Part of the values that is kept by TIES, DARE and pruning, above 0 and at most 1.</summary>
    public double Density { get; init; } = 0.5;

    /// <summary>How TIES elects signs.</summary>
    public SignElection Signs { get; init; }

    /// <summary>Seed of what DARE drops.</summary>
    public long Seed { get; init; } = 42;

}

/// <summary>What the kinds have in common.</summary>
public static class CombinationKinds
{
    /// <summary>Whether a kind adds factors of LoRA adapters. The others work on changes of weight, and so have a rank to choose.</summary>
    public static bool IsOnFactors(this CombinationKind kind) =>
        kind is CombinationKind.Concatenate or CombinationKind.Linear or CombinationKind.Ties or CombinationKind.DareLinear or CombinationKind.DareTies or CombinationKind.MagnitudePrune;
}

/// <summary>
/// Makes one LoRA adapter of several adapters on one base. What a kind cannot do right is refused: biases, prompts, experts, magnitudes of DoRA in the kinds over
/// factors, different ranks where factors are added. Scales (alpha / r, alpha / sqrt r) are part of each member's effect and are counted once.
/// </summary>
public static class AdapterCombination
{
    /// <summary>Everything that is wrong with a request, one sentence each.</summary>
    public static IReadOnlyList<string> Problems(CombinationRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var problems = new List<string>();
        if (request.Members.Count == 0) problems.Add("The combination is empty; expected at least one adapter.");
        if (!(request.Density > 0 && request.Density <= 1)) problems.Add(FormattableString.Invariant($"Density is {request.Density}; expected above 0 and at most 1."));
        if (request.Rank is < 1 or > LoraSpec.MaximumRank) problems.Add($"Rank is {request.Rank}; expected 1 to {LoraSpec.MaximumRank}.");
        foreach (var (adapter, weight) in request.Members)
        {
            if (!double.IsFinite(weight)) problems.Add(FormattableString.Invariant($"A weight is {weight}; expected a number."));
            string title = AdapterMethods.Named(adapter.Spec.Method).Title;
            if (adapter.WhyNotMerged is { } reason) problems.Add($"A {title} adapter is among them: {reason}");
            else if (adapter.Spec.ModulesToSave.Count > 0) problems.Add($"A {title} adapter trains whole modules ({string.Join(", ", adapter.Spec.ModulesToSave)}), which a LoRA adapter cannot express.");
            else if (adapter.Spec is LoraSpec { TargetParameters: { Count: > 0 } experts })
                problems.Add($"A {title} adapter acts on the experts of a mixture ({string.Join(", ", experts)}), which combinations leave out.");
            else if (request.Kind.IsOnFactors() && adapter is not ILowRankUpdate { WhyNotLowRank: null })
                problems.Add($"A {title} adapter is among them, and {request.Kind} adds LoRA factors: {(adapter as ILowRankUpdate)?.WhyNotLowRank ?? "it has none."} Use a kind over singular values.");
        }
        if (problems.Count == 0 && request.Kind.IsOnFactors() && request.Kind != CombinationKind.Concatenate)
        {
            var ranks = request.Members.SelectMany(member => Factors(member.Adapter).Changed.Select(module => Factors(member.Adapter).FactorsOf(module).A.size(0))).Distinct().ToList();
            if (ranks.Count > 1) problems.Add($"The ranks are {string.Join(", ", ranks.Order())}; {request.Kind} adds factors of one rank. Use Concatenate or a kind over singular values.");
            if (request.Members.Any(member => member.Weight < 0)) problems.Add($"A weight is negative; {request.Kind} takes roots of weights. Use Concatenate or a kind over singular values.");
        }
        return problems;
    }

    /// <summary>Combines. Runs on a lane; the caller holds the members.</summary>
    /// <param name="request">What and how.</param>
    /// <param name="site">The place that the members were built onto.</param>
    /// <returns>A new LoRA adapter with scale 1 (alpha = rank); the caller owns it.</returns>
    /// <exception cref="StudioException">The request has problems, or the changes of weight do not fit a LoRA adapter.</exception>
    public static IAdapter Combine(CombinationRequest request, AdapterSite site)
    {
        if (Problems(request) is { Count: > 0 } problems) throw new StudioException(problems[0], problems);
        ArgumentNullException.ThrowIfNull(site);
        using var random = new Generator((ulong)request.Seed, site.Device);
        return request.Kind.IsOnFactors() ? FactorCombination.Combine(request, site, random) : DeltaCombination.Combine(request, site, random);
    }

    internal static ILowRankUpdate Factors(IAdapter adapter) => (ILowRankUpdate)adapter;

    /// <summary>A LoRA adapter of scale 1 on given modules, with given factors for each.</summary>
    internal static IAdapter NewLora(IReadOnlyList<ModuleTarget> modules, int rank, AdapterSite site, Func<ModuleTarget, (Tensor A, Tensor B)> factors)
    {
        var lora = AdapterMethods.Build(new LoraSpec { Rank = rank, Alpha = rank, Targets = new TargetSelection { Names = [.. modules.Select(module => module.Name)] } }, site);
        try
        {
            foreach (var module in modules)
            {
                using var scope = NewDisposeScope();
                using var grad = no_grad();
                var target = Factors(lora).FactorsOf(module);
                var (a, b) = factors(module);
                target.A.copy_(a);
                target.B.copy_(b);
            }
            return lora;
        }
        catch
        {
            lora.Dispose();
            throw;
        }
    }
}
