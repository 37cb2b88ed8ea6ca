using static Studio.Core.Adapters.Methods.LoraSpec;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings that LoHa and LoKr share, as PEFT's <c>LycorisConfig</c> names them.</summary>
public abstract record LycorisSpec : TargetedSpec
{
    /// <summary>Rank r.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>Alpha: the update is scaled by alpha / r.</summary>
    public double Alpha { get; init; } = 8;

    /// <inheritdoc/>
    public override double? UpdateScale => Rank > 0 ? Alpha / Rank : null;

    /// <summary>Probability that a row of dW, so an output feature of the update, is dropped for a step.</summary>
    public double RankDropout { get; init; }

    /// <summary>Probability that the whole update of a module is dropped for a step.</summary>
    public double ModuleDropout { get; init; }

    /// <summary>PEFT's note on convolutions; linear projections have none.</summary>
    public bool EffectiveConvolution { get; init; }

    /// <summary>How it begins: <c>true</c> (no effect), <c>false</c> (random), or a word of the method.</summary>
    public string InitWeights { get; init; } = "true";

    /// <inheritdoc/>
    public override bool StartsAsBase => InitWeights != "false";

    /// <summary>Other ranks for modules whose name matches.</summary>
    public IReadOnlyDictionary<string, int> RankPattern { get; init; } = new Dictionary<string, int>();

    /// <summary>Other alphas, likewise.</summary>
    public IReadOnlyDictionary<string, double> AlphaPattern { get; init; } = new Dictionary<string, double>();
}

/// <summary>The settings of <see cref="LycorisSpec"/>.</summary>
internal static class LycorisSettings<TSpec>
    where TSpec : LycorisSpec, new()
{
    public static IReadOnlyList<MethodSetting> Of(string initHelp, params string[] initWords) =>
    [
        MethodSettings<TSpec>.Whole("r", "Rank", "Width of the factors. The update's own rank can be far larger. 4 to 32 is usual.",
            spec => spec.Rank, (spec, value) => With(spec, s => s with { Rank = value }), 1, MaximumRank),
        MethodSettings<TSpec>.Positive("alpha", "Alpha", "Strength of the update: it is scaled by alpha / rank. The rank, or half of it, is a common choice.",
            spec => spec.Alpha, (spec, value) => With(spec, s => s with { Alpha = value }), absent: 8),
        MethodSettings<TSpec>.Probability("rank_dropout", "Rank dropout", "Part of the update's output features that is dropped at random in each step. 0 is usual, 0.1 against memorising a small dataset.",
            spec => spec.RankDropout, (spec, value) => With(spec, s => s with { RankDropout = value })),
        MethodSettings<TSpec>.Probability("module_dropout", "Module dropout", "How often a module's whole update is left out of a training step. 0 is usual.",
            spec => spec.ModuleDropout, (spec, value) => With(spec, s => s with { ModuleDropout = value })),
        ModuleSettings<TSpec>.Variant("init_weights", "Start", initHelp, ["true", "false", .. initWords], spec => spec.InitWeights, (spec, value) => With(spec, s => s with { InitWeights = value })),
        .. SharedSettings.Targeting,
        ModuleSettings<TSpec>.Whole("rank_pattern", "rank", spec => spec.RankPattern, (spec, value) => With(spec, s => s with { RankPattern = value }), 1, MaximumRank),
        ModuleSettings<TSpec>.Positive("alpha_pattern", "alpha", spec => spec.AlphaPattern, (spec, value) => With(spec, s => s with { AlphaPattern = value })),
        new MethodSetting
        {
            Key = "use_effective_conv2d",
            Read = (config, spec) => (LycorisSpec)spec with { EffectiveConvolution = config.Flag("use_effective_conv2d", false) },
            Write = spec => ((LycorisSpec)spec).EffectiveConvolution,
        },
    ];

    private static TSpec With(TSpec spec, Func<LycorisSpec, LycorisSpec> change) => (TSpec)change(spec);
}
