using System.Text.Json.Serialization;
using Studio.Core.Models;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of AdaLoRA (Zhang et al. 2023), as PEFT's <c>AdaLoraConfig</c> names them.</summary>
public sealed record AdaLoraSpec : TargetedSpec, ITrainsTokens
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "adalora";

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <summary>Rank of every module at the start.</summary>
    public int InitialRank { get; init; } = 12;

    /// <summary>Mean rank of the modules at the end.</summary>
    public int TargetRank { get; init; } = 8;

    /// <summary>Alpha: the update is scaled by alpha / (initial rank + 1e-5).</summary>
    public double Alpha { get; init; } = 16;

    /// <inheritdoc/>
    public override double? UpdateScale => InitialRank > 0 ? Alpha / InitialRank : null;

    /// <summary>Probability of dropping an input feature of the update while training, 0..1.</summary>
    public double Dropout { get; init; }

    /// <summary>Steps before ranks begin to fall.</summary>
    public int FirstSteps { get; init; }

    /// <summary>Steps after ranks have been settled.</summary>
    public int LastSteps { get; init; }

    /// <summary>Steps of the whole training, or 0 for those of the run.</summary>
    public int TotalSteps { get; init; }

    /// <summary>Steps between two allocations.</summary>
    public int Interval { get; init; } = 1;

    /// <summary>How slowly the importance of a value follows its steps.</summary>
    public double Beta1 { get; init; } = 0.85;

    /// <summary>How slowly the uncertainty of that importance follows.</summary>
    public double Beta2 { get; init; } = 0.85;

    /// <summary>Weight of the orthogonality of A and B in the loss.</summary>
    public double OrthogonalityWeight { get; init; } = 0.5;

    /// <summary>Whether the update starts at zero; else at random.</summary>
    public bool StartsAtZero { get; init; } = true;

    /// <inheritdoc/>
    public override bool StartsAsBase => StartsAtZero;

    /// <summary>Rows of the vocabulary trained beside the update.</summary>
    public TokenSelection Tokens { get; init; } = new();

    /// <summary>The field <c>r</c> that PEFT inherits from LoRA and does not use; kept as it was read.</summary>
    public int UnusedRank { get; init; } = 8;

    /// <summary>Which of its initial ranks each module kept, by <c>MODULE.lora_E</c>; empty before the first allocation. The stored tensors have those alone.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<bool>> RankPattern { get; init; } = new Dictionary<string, IReadOnlyList<bool>>();

    /// <summary>Whether ranks have been settled and the tensors hold only what was kept.</summary>
    [JsonIgnore]
    public bool IsSettled => RankPattern.Count > 0;

    /// <summary>Rank of a module's tensors.</summary>
    public int RankOf(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return RankPattern.TryGetValue(PatternKey(module), out var kept) ? kept.Count(isKept => isKept) : InitialRank;
    }

    /// <summary>A module's key in the pattern.</summary>
    public static string PatternKey(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return module.Name + ".lora_E";
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems()
    {
        var problems = base.Problems().ToList();
        if (TargetRank > InitialRank) problems.Add($"The final rank is {TargetRank}, above the initial rank {InitialRank}; expected at most that.");
        if (TotalSteps > 0 && FirstSteps >= TotalSteps - LastSteps)
            problems.Add($"{FirstSteps} first and {LastSteps} last steps leave none of the {TotalSteps} steps for lowering ranks; expected less of them.");
        return problems;
    }
}
