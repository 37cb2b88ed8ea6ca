using System.Text.RegularExpressions;
using Studio.Core.Models;

namespace Studio.Core.Adapters;

/// <summary>Settings of LoRA (Hu et al. 2021), as PEFT's <c>LoraConfig</c> names them.</summary>
public sealed record LoraSpec : AdapterSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "lora";

    /// <summary>Largest rank that is accepted.</summary>
    public const int MaximumRank = 4096;

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <summary>Rank r.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>Alpha: the update is scaled by alpha / r.</summary>
    public double Alpha { get; init; } = 16;

    /// <summary>Probability of dropping an input feature of the update while training, 0..1.</summary>
    public double Dropout { get; init; }

    /// <summary>Rank-stabilised scaling alpha / sqrt(r) (Kalajdzievski 2023).</summary>
    public bool UseRsLora { get; init; }

    /// <summary>PEFT's note that the base stores its weights [in, out], as GPT-2 does. Nothing here depends on it: A is [r, in] and B [out, r] all the same.</summary>
    public bool FanInFanOut { get; init; }

    /// <summary>Where it acts.</summary>
    public TargetSelection Targets { get; init; } = TargetSelection.Everything;

    /// <summary>Other ranks for modules whose name matches (regular expression on the end of the name, PEFT's rule).</summary>
    public IReadOnlyDictionary<string, int> RankPattern { get; init; } = new Dictionary<string, int>();

    /// <summary>Other alphas, likewise.</summary>
    public IReadOnlyDictionary<string, double> AlphaPattern { get; init; } = new Dictionary<string, double>();

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (Rank is < 1 or > MaximumRank) problems.Add($"Rank is {Rank}; expected 1 to {MaximumRank}.");
        if (!(Alpha > 0) || !double.IsFinite(Alpha)) problems.Add($"Alpha is {Alpha}; expected a number above 0.");
        if (!(Dropout >= 0 && Dropout < 1)) problems.Add($"Dropout is {Dropout}; expected at least 0 and below 1.");
        if (Targets.Pattern is null && Targets.Names.Count == 0) problems.Add("Target modules are empty; expected names, a regular expression or all-linear.");
        problems.AddRange(RankPattern.Where(entry => entry.Value is < 1 or > MaximumRank).Select(entry => $"The rank of pattern '{entry.Key}' is {entry.Value}; expected 1 to {MaximumRank}."));
        problems.AddRange(AlphaPattern.Where(entry => !(entry.Value > 0) || !double.IsFinite(entry.Value)).Select(entry => $"The alpha of pattern '{entry.Key}' is {entry.Value}; expected a number above 0."));
        problems.AddRange(RankPattern.Keys.Union(AlphaPattern.Keys).Where(key => !IsExpression(key)).Select(key => $"The pattern '{key}' is not a regular expression; expected one over module names."));
        return problems;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems(ModuleMap modules)
    {
        var own = Problems();
        if (Targets.Pattern is null && Targets.Names.Count == 0) return own;
        var targets = Targets.Problems(modules);
        return
        [
            .. own,
            .. targets.Count > 0 ? targets : Targets.Select(modules).Where(module => module.Kind != ModuleKind.Linear)
                .Select(module => $"The target module '{module.Name}' is not a linear projection; LoRA takes linear projections only."),
        ];
    }

    private static bool IsExpression(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.CultureInvariant);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
