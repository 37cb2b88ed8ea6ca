using System.Text.Json.Nodes;
using Studio.Core.Models;
using static Studio.Core.Adapters.MethodSettings<Studio.Core.Adapters.Methods.ShiraSpec>;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of SHiRA, as PEFT's <c>ShiraConfig</c> names them.</summary>
public sealed record ShiraSpec : TargetedSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "shira";

    /// <summary>The mask that can be drawn here; others are known from files only.</summary>
    public const string RandomMask = "random";

    /// <summary>The settings on files and forms.</summary>
    internal static IReadOnlyList<MethodSetting> Settings { get; } =
    [
        Whole("r", "Rank equivalent", "Trains r (in + out) single weights of a layer, as many numbers as a LoRA of rank r; the update's rank is not limited by it. 16 to 32 is usual.",
            spec => spec.Rank, (spec, value) => spec with { Rank = value }, 1, LoraSpec.MaximumRank, absent: 32),
        new MethodSetting
        {
            Key = "random_seed",
            Read = (config, spec) => (ShiraSpec)spec with { MaskSeed = config.OptionalInt("random_seed") },
            Write = spec => ((ShiraSpec)spec).MaskSeed is { } seed ? JsonValue.Create(seed) : null,
            Problems = spec => ((ShiraSpec)spec).MaskSeed is < 0 ? [$"Seed of the mask is {((ShiraSpec)spec).MaskSeed}; expected at least 0."] : [],
            Field = new SettingField("Seed of the mask", "Which weights are trained is drawn from this seed. Empty takes PyTorch's default seed.", SettingKind.Whole,
                spec => ((ShiraSpec)spec).MaskSeed, (spec, value) => (ShiraSpec)spec with { MaskSeed = (int?)value }) { Advanced = true },
        },
        new MethodSetting
        {
            Key = "mask_type",
            Read = (config, spec) => (ShiraSpec)spec with { MaskType = config.Text("mask_type") ?? RandomMask },
            Write = spec => ((ShiraSpec)spec).MaskType,
        },
        Flag("init_weights", "Begin without effect", "Begins at the base model. Off begins at random changes, which is for experiments only.",
            spec => spec.BeginsAtBase, (spec, value) => spec with { BeginsAtBase = value }, absent: true, advanced: true),
        SharedSettings.TargetModules, SharedSettings.ModulesToSave,
        SharedSettings.FanInFanOut,
    ];

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <summary>r: r (in + out) weights of a module are trained.</summary>
    public int Rank { get; init; } = 32;

    /// <summary>How the trained weights were chosen; PEFT knows <see cref="RandomMask"/> and lets programs bring their own.</summary>
    public string MaskType { get; init; } = RandomMask;

    /// <summary>Seed of the random mask, or null for PyTorch's default.</summary>
    public int? MaskSeed { get; init; }

    /// <summary>Whether the changes begin at zero.</summary>
    public bool BeginsAtBase { get; init; } = true;

    /// <inheritdoc/>
    public override bool StartsAsBase => BeginsAtBase;

    /// <summary>Trained weights of a module.</summary>
    public int CountOf(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return Rank * (module.InputFeatures + module.OutputFeatures);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems(ModuleMap modules) => TargetProblems.Of(this, modules, base.Problems(modules), module =>
        Rank * ((long)module.InputFeatures + module.OutputFeatures) <= (long)module.InputFeatures * module.OutputFeatures ? null
            : $"Rank {Rank} would train {Rank * ((long)module.InputFeatures + module.OutputFeatures)} of the {(long)module.InputFeatures * module.OutputFeatures} weights of '{module.Name}'; expected a smaller rank.");
}
