using static Studio.Core.Adapters.MethodSettings<Studio.Core.Adapters.Methods.VeraSpec>;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of VeRA, as PEFT's <c>VeraConfig</c> names them.</summary>
public sealed record VeraSpec : TargetedSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "vera";

    /// <summary>The settings on files and forms.</summary>
    internal static IReadOnlyList<MethodSetting> Settings { get; } =
    [
        Whole("r", "Rank", "Width of the shared random projections. It costs one trained number a layer, so take much more than for LoRA: 256 is usual.",
            spec => spec.Rank, (spec, value) => spec with { Rank = value }, 1, 65536, absent: 256),
        Number("d_initial", "Start of the inner scale", "First value of the trained scales between the projections. 0.1 or less is recommended.",
            spec => spec.InitialScale, (spec, value) => spec with { InitialScale = value }, double.IsFinite, "a number", absent: 0.1, advanced: true),
        Probability("vera_dropout", "Dropout", "Part of the update's inputs that is dropped at random while training. 0 is usual.",
            spec => spec.Dropout, (spec, value) => spec with { Dropout = value }),
        Seed("projection_prng_key", "Seed of the projections", "The random projections are drawn from this seed. Adapters that are to share projections need the same one.",
            spec => spec.ProjectionSeed, (spec, value) => spec with { ProjectionSeed = value }, absent: 0),
        Flag("save_projection", "Save the projections", "Writes the random projections into the file. Without them it is tiny, but another PyTorch version may draw other ones.",
            spec => spec.SaveProjection, (spec, value) => spec with { SaveProjection = value }, absent: true, advanced: true),
        Flag("init_weights", "Begin without effect", "Begins at the base model. Off begins at random scales, which is for experiments only.",
            spec => spec.BeginsAtBase, (spec, value) => spec with { BeginsAtBase = value }, absent: true, advanced: true),
        SharedSettings.TargetModules, SharedSettings.Blocks, SharedSettings.BlockLists, SharedSettings.ModulesToSave,
        SharedSettings.Bias("vera"),
        SharedSettings.FanInFanOut,
    ];

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <summary>Rank r of the shared projections.</summary>
    public int Rank { get; init; } = 256;

    /// <summary>First value of d.</summary>
    public double InitialScale { get; init; } = 0.1;

    /// <summary>Probability of dropping an input feature of the update while training.</summary>
    public double Dropout { get; init; }

    /// <summary>Seed of A and B.</summary>
    public int ProjectionSeed { get; init; }

    /// <summary>Whether A and B are written into the file.</summary>
    public bool SaveProjection { get; init; } = true;

    /// <summary>Whether b begins at zero.</summary>
    public bool BeginsAtBase { get; init; } = true;

    /// <inheritdoc/>
    public override bool StartsAsBase => BeginsAtBase;
}
