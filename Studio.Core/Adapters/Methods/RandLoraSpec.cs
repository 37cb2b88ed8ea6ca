using static Studio.Core.Adapters.MethodSettings<Studio.Core.Adapters.Methods.RandLoraSpec>;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of RandLoRA, as PEFT's <c>RandLoraConfig</c> names them.</summary>
public sealed record RandLoraSpec : TargetedSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "randlora";

    /// <summary>The settings on files and forms.</summary>
    internal static IReadOnlyList<MethodSetting> Settings { get; } =
    [
        Whole("r", "Rank of the bases", "Rank of each random basis. The smaller it is, the more bases there are and the more numbers are trained, the other way round than for LoRA. 32 is usual.",
            spec => spec.Rank, (spec, value) => spec with { Rank = value }, 1, LoraSpec.MaximumRank, absent: 32),
        Positive("randlora_alpha", "Alpha", "Strength of the update: it is scaled by alpha / rank. 20 times the rank is usual; less where training is unstable.",
            spec => spec.Alpha, (spec, value) => spec with { Alpha = value }, absent: 640),
        Probability("randlora_dropout", "Dropout", "Part of the update's inputs that is dropped at random while training. 0 is usual.",
            spec => spec.Dropout, (spec, value) => spec with { Dropout = value }),
        Seed("projection_prng_key", "Seed of the bases", "The random bases are drawn from this seed.",
            spec => spec.ProjectionSeed, (spec, value) => spec with { ProjectionSeed = value }, absent: 0),
        Flag("save_projection", "Save the bases", "Writes the random bases into the file. Without them it is small, but another PyTorch version may draw other ones.",
            spec => spec.SaveProjection, (spec, value) => spec with { SaveProjection = value }, absent: true, advanced: true),
        Flag("sparse", "Sparse bases", "Bases of -1, 0 and 1 with two thirds zeros. May help against overfitting.",
            spec => spec.IsSparse, (spec, value) => spec with { IsSparse = value }, advanced: true),
        Flag("very_sparse", "Very sparse bases", "Bases of -1, 0 and 1 with nearly all zeros; goes before the setting above. Usually a little worse.",
            spec => spec.IsVerySparse, (spec, value) => spec with { IsVerySparse = value }, advanced: true),
        Flag("init_weights", "Begin without effect", "Begins at the base model. Off begins at random scales, which is for experiments only.",
            spec => spec.BeginsAtBase, (spec, value) => spec with { BeginsAtBase = value }, absent: true, advanced: true),
        SharedSettings.TargetModules, SharedSettings.Blocks, SharedSettings.BlockLists, SharedSettings.ModulesToSave,
        SharedSettings.Bias("randlora"),
        SharedSettings.FanInFanOut,
        // PEFT 0.18 does not write its version into this method's config.
        Note("peft_version", "null"),
    ];

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <summary>Rank r of each basis.</summary>
    public int Rank { get; init; } = 32;

    /// <summary>Alpha: the update is scaled by alpha / r.</summary>
    public double Alpha { get; init; } = 640;

    /// <summary>Probability of dropping an input feature of the update while training.</summary>
    public double Dropout { get; init; }

    /// <summary>Seed of the bases.</summary>
    public int ProjectionSeed { get; init; }

    /// <summary>Whether the bases are written into the file.</summary>
    public bool SaveProjection { get; init; } = true;

    /// <summary>Whether the bases are ternary.</summary>
    public bool IsSparse { get; init; }

    /// <summary>Whether the bases are ternary and nearly all zero; wins over <see cref="IsSparse"/>.</summary>
    public bool IsVerySparse { get; init; }

    /// <summary>Whether lambda begins at zero.</summary>
    public bool BeginsAtBase { get; init; } = true;

    /// <inheritdoc/>
    public override bool StartsAsBase => BeginsAtBase;
}
