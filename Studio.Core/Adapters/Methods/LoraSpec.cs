using System.Text.RegularExpressions;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of LoRA (Hu et al. 2021), as PEFT's <c>LoraConfig</c> names them.</summary>
public sealed record LoraSpec : TargetedSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "lora";

    /// <summary>Largest rank that is accepted.</summary>
    public const int MaximumRank = 4096;

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <inheritdoc/>
    public override TargetKinds Kinds => TargetKinds.Linear;

    /// <summary>Rank r.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>Alpha: the update is scaled by alpha / r.</summary>
    public double Alpha { get; init; } = 16;

    /// <summary>Probability of dropping an input feature of the update while training, 0..1.</summary>
    public double Dropout { get; init; }

    /// <summary>Rank-stabilised scaling alpha / sqrt(r) (Kalajdzievski 2023).</summary>
    public bool UseRsLora { get; init; }

    /// <inheritdoc/>
    public override double? Scale => Rank > 0 ? Alpha / (UseRsLora ? Math.Sqrt(Rank) : Rank) : null;

    /// <summary>Other ranks for modules whose name matches (regular expression on the end of the name, PEFT's rule).</summary>
    public IReadOnlyDictionary<string, int> RankPattern { get; init; } = new Dictionary<string, int>();

    /// <summary>Other alphas, likewise.</summary>
    public IReadOnlyDictionary<string, double> AlphaPattern { get; init; } = new Dictionary<string, double>();

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems()
    {
        var problems = base.Problems().ToList();
        problems.AddRange(RankPattern.Where(entry => entry.Value is < 1 or > MaximumRank).Select(entry => $"The rank of pattern '{entry.Key}' is {entry.Value}; expected 1 to {MaximumRank}."));
        problems.AddRange(AlphaPattern.Where(entry => !(entry.Value > 0) || !double.IsFinite(entry.Value)).Select(entry => $"The alpha of pattern '{entry.Key}' is {entry.Value}; expected a number above 0."));
        problems.AddRange(RankPattern.Keys.Union(AlphaPattern.Keys).Where(key => !ModulePattern.IsExpression(key)).Select(key => $"The pattern '{key}' is not a regular expression; expected one over module names."));
        return problems;
    }
}

/// <summary>PEFT's rule for settings per module (<c>get_pattern_key</c>): an expression matches at the end of a name, after a dot or from the start.</summary>
public static class ModulePattern
{
    /// <summary>The value of the first pattern that matches a module, or the fallback.</summary>
    public static T Lookup<T>(IReadOnlyDictionary<string, T> patterns, string module, T fallback)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        foreach (var (key, value) in patterns)
            if (Regex.IsMatch(module, $@"^(.*\.)?({key})$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1))) return value;
        return fallback;
    }

    /// <summary>Whether a text is a regular expression.</summary>
    public static bool IsExpression(string pattern)
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
