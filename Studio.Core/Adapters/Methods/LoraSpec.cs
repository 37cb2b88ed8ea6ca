using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Studio.Core.Models;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of LoRA (Hu et al. 2021), as PEFT's <c>LoraConfig</c> names them.</summary>
public sealed record LoraSpec : TargetedSpec, ITrainsTokens
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "lora";

    /// <summary>Largest rank that is accepted.</summary>
    public const int MaximumRank = 4096;

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <inheritdoc/>
    public override TargetKinds Kinds => TargetKinds.Linear | TargetKinds.Embedding;

    /// <summary>Rank r.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>Alpha: the update is scaled by alpha / r.</summary>
    public double Alpha { get; init; } = 16;

    /// <summary>Probability of dropping an input feature of the update while training, 0..1.</summary>
    public double Dropout { get; init; }

    /// <summary>Rank-stabilised scaling alpha / sqrt(r) (Kalajdzievski 2023).</summary>
    public bool UseRsLora { get; init; }

    /// <inheritdoc/>
    public override double? UpdateScale => Rank > 0 ? Alpha / (UseRsLora ? Math.Sqrt(Rank) : Rank) : null;

    /// <summary>Other ranks for modules whose name matches (regular expression on the end of the name, PEFT's rule).</summary>
    public IReadOnlyDictionary<string, int> RankPattern { get; init; } = new Dictionary<string, int>();

    /// <summary>Other alphas, likewise.</summary>
    public IReadOnlyDictionary<string, double> AlphaPattern { get; init; } = new Dictionary<string, double>();

    /// <summary>Whether the update's output has a trained bias (PEFT <c>lora_bias</c>).</summary>
    public bool UseBias { get; init; }

    /// <summary>Whether direction and magnitude are trained apart (DoRA, Liu et al. 2024).</summary>
    public bool UseDora { get; init; }

    /// <summary>How the values start, as PEFT spells it: true, false, gaussian, pissa, pissa_niter_N, olora, orthogonal.</summary>
    public string Initialisation { get; init; } = LoraStart.Standard;

    /// <inheritdoc/>
    public override bool StartsAsBase => Initialisation != LoraStart.Random;

    /// <summary>Rows of the vocabulary trained beside the update.</summary>
    public TokenSelection Tokens { get; init; } = new();

    /// <summary>
    /// Projections of experts that are updated too, by the end of the tensor's name in transformers 5, for example <c>mlp.experts.gate_up_proj</c> (PEFT <c>target_parameters</c>).
    /// </summary>
    public IReadOnlyList<string> TargetParameters { get; init; } = [];

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool NeedsTargets => TargetParameters.Count == 0;

    /// <summary>How much faster B learns than A (LoRA+, Hayou et al. 2024); 1 = alike.</summary>
    public double LearningRateRatio { get; init; } = 1;

    /// <summary>Whether A stays as it started and only B is trained (LoRA-FA, Zhang et al. 2023).</summary>
    public bool FreezeA { get; init; }

    /// <summary>Whether the update starts at a part of the base's weight, which then counts as taken out of the base (PiSSA, OLoRA).</summary>
    [JsonIgnore]
    public bool StartsFromBase => LoraStart.TakesFromBase(Initialisation);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems()
    {
        var problems = base.Problems().ToList();
        problems.AddRange(RankPattern.Where(entry => entry.Value is < 1 or > MaximumRank).Select(entry => $"The rank of pattern '{entry.Key}' is {entry.Value}; expected 1 to {MaximumRank}."));
        problems.AddRange(AlphaPattern.Where(entry => !(entry.Value > 0) || !double.IsFinite(entry.Value)).Select(entry => $"The alpha of pattern '{entry.Key}' is {entry.Value}; expected a number above 0."));
        problems.AddRange(RankPattern.Keys.Union(AlphaPattern.Keys).Where(key => !ModulePattern.IsExpression(key)).Select(key => $"The pattern '{key}' is not a regular expression; expected one over module names."));
        problems.AddRange(LoraStart.Problems(this));
        if (UseBias && UseDora) problems.Add("DoRA and a bias of the update exclude each other; expected one of them.");
        return problems;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems(ModuleMap modules)
    {
        var problems = base.Problems(modules);
        problems = [.. problems, .. ExpertLora.Problems(this, modules)];
        return UseBias && problems.Count == 0 && Select(modules).Any(module => module.Kind == ModuleKind.Embedding)
            ? ["The token embedding is a target module; an update of it has no bias."] : problems;
    }

    /// <summary>
    /// The settings of the plain LoRA of twice the rank that acts the same where the update started from the base (PEFT <c>path_initial_model_for_weight_conversion</c>).
    /// </summary>
    public LoraSpec AsPlain()
    {
        double alpha = UseRsLora ? Math.Sqrt(2) : 2;
        return this with
        {
            Initialisation = LoraStart.Standard,
            Rank = 2 * Rank,
            Alpha = alpha * Alpha,
            RankPattern = RankPattern.ToDictionary(entry => entry.Key, entry => 2 * entry.Value),
            AlphaPattern = AlphaPattern.ToDictionary(entry => entry.Key, entry => alpha * entry.Value),
        };
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
