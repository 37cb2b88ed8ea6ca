using static Studio.Core.Adapters.MethodSettings<Studio.Core.Adapters.Methods.DeloraSpec>;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of DeLoRA, as PEFT's <c>DeloraConfig</c> names them.</summary>
public sealed record DeloraSpec : TargetedSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "delora";

    /// <summary>The settings on files and forms.</summary>
    internal static IReadOnlyList<MethodSetting> Settings { get; } =
    [
        Whole("r", "Rank", "Width of the update. 8 to 32 is usual.", spec => spec.Rank, (spec, value) => spec with { Rank = value }, 1, LoraSpec.MaximumRank, absent: 8),
        Positive("delora_lambda", "Boundary", "How far the update may go, at the start; it is trained too. 15 is usual, less keeps nearer to the base model.",
            spec => spec.Boundary, (spec, value) => spec with { Boundary = value }, absent: 15),
        Probability("module_dropout", "Dropout", "Part of the update's inputs that is dropped at random while training. 0 is usual.",
            spec => spec.Dropout, (spec, value) => spec with { Dropout = value }),
        Flag("init_weights", "Begin without effect", "Begins at the base model. Off begins at a random update, which is for experiments only.",
            spec => spec.BeginsAtBase, (spec, value) => spec with { BeginsAtBase = value }, absent: true, advanced: true),
        ModuleSettings<DeloraSpec>.Whole("rank_pattern", "rank", spec => spec.RankPattern, (spec, value) => spec with { RankPattern = value }, 1, LoraSpec.MaximumRank),
        ModuleSettings<DeloraSpec>.Positive("lambda_pattern", "boundary", spec => spec.BoundaryPattern, (spec, value) => spec with { BoundaryPattern = value }),
        .. SharedSettings.Targeting,
        SharedSettings.Bias("delora"),
    ];

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <summary>Rank r.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>First value of lambda, the bound of the update's norm.</summary>
    public double Boundary { get; init; } = 15;

    /// <summary>Probability of dropping an input feature of the update while training. PEFT calls it module_dropout but drops features.</summary>
    public double Dropout { get; init; }

    /// <summary>Whether B begins at zero.</summary>
    public bool BeginsAtBase { get; init; } = true;

    /// <inheritdoc/>
    public override bool StartsAsBase => BeginsAtBase;

    /// <summary>Other ranks for modules whose name matches.</summary>
    public IReadOnlyDictionary<string, int> RankPattern { get; init; } = new Dictionary<string, int>();

    /// <summary>Other first values of lambda, likewise.</summary>
    public IReadOnlyDictionary<string, double> BoundaryPattern { get; init; } = new Dictionary<string, double>();
}
