using Studio.Core.Adapters.Composition;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Web.FineTunes;

namespace Studio.Web.Adapters;

/// <summary>One adapter of the form and its weight; null while the text is not a number.</summary>
public sealed class CombineMember(AdapterRecord adapter)
{
    public AdapterRecord Adapter => adapter;

    public double? Weight { get; set; } = 1;

    /// <summary>Its field.</summary>
    public FormField Field { get; } = new($"combine-weight-{adapter.Id}", adapter.Name, "How strongly it counts: 1 as it was trained, 0.5 half as strongly, a negative number takes its effect away.");
}

/// <summary>What the form of a combination holds.</summary>
public sealed class CombineForm
{
    public static FormField NameField { get; } = new("combine-name", "Name", "What the new adapter is called.");

    public static FormField KindField { get; } = new("combine-kind", "How", "How several changes become one. Concatenate is exact; the others are smaller, or settle where adapters disagree.");

    public static FormField RankField { get; } = new("combine-rank", "Rank of the result", "Only for the kinds over singular values. Empty takes the largest rank of the members; more keeps more of the sum.");

    public static FormField DensityField { get; } = new("combine-density", "Density", "Part of the values that TIES, DARE and pruning keep, above 0 and at most 1. 0.5 is a usual start.");

    public string Name { get; set; } = "";

    public CombinationKind Kind { get; set; }

    public int? Rank { get; set; }

    public double? Density { get; set; } = 0.5;

    /// <summary>The members in order.</summary>
    public List<CombineMember> Members { get; } = [];

    /// <summary>Whether the kind makes a rank of its own.</summary>
    public bool AsksForRank => !Kind.IsOnFactors();

    /// <summary>Whether the kind keeps only a part of the values.</summary>
    public bool AsksForDensity => Kind is not (CombinationKind.Concatenate or CombinationKind.Svd or CombinationKind.Linear);

    /// <summary>What still stands in the way, or null.</summary>
    public string? Finding =>
        Members.Count == 0 ? "Choose at least one adapter."
        : Members.Find(member => member.Weight is null) is { } unreadable ? $"The weight of {unreadable.Adapter.Name} is not a number."
        : AsksForDensity && Density is not (> 0 and <= 1) ? "The density must be above 0 and at most 1."
        : string.IsNullOrWhiteSpace(Name) ? "The adapter needs a name."
        : null;

    /// <summary>A kind in words.</summary>
    public static string TextOf(CombinationKind kind) => kind switch
    {
        CombinationKind.Concatenate => "Concatenate: exactly the weighted sum (LoRA only)",
        CombinationKind.Svd => "SVD: the weighted sum, approximated at a rank (any method)",
        CombinationKind.Linear => "Linear: factors added (LoRA of one rank)",
        CombinationKind.Ties => "TIES: largest values, signs by majority (LoRA of one rank)",
        CombinationKind.TiesSvd => "TIES, then SVD (any method)",
        CombinationKind.DareLinear => "DARE: values dropped at random (LoRA of one rank)",
        CombinationKind.DareLinearSvd => "DARE, then SVD (any method)",
        CombinationKind.DareTies => "DARE with TIES (LoRA of one rank)",
        CombinationKind.DareTiesSvd => "DARE with TIES, then SVD (any method)",
        CombinationKind.MagnitudePrune => "Prune: largest values only (LoRA of one rank)",
        _ => "Prune, then SVD (any method)",
    };

    /// <summary>The request.</summary>
    public CombineAdapters ToRequest() => new()
    {
        Name = Name.Trim(),
        Kind = Kind,
        Members = [.. Members.Select(member => new ChatBlendPart(member.Adapter.Id, member.Weight ?? 1))],
        Rank = AsksForRank ? Rank : null,
        Density = AsksForDensity ? Density ?? 0.5 : 0.5,
    };
}
