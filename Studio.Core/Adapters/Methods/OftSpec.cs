using Studio.Core.Models;
using static Studio.Core.Adapters.MethodSettings<Studio.Core.Adapters.Methods.OftSpec>;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of OFT (Qiu et al. 2023), as PEFT's <c>OFTConfig</c> names them.</summary>
public sealed record OftSpec : TargetedSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "oft";

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <summary>Features of a block; 0 where <see cref="Blocks"/> says how many blocks there are. The nearest divisor of a module's inputs is taken.</summary>
    public int BlockSize { get; init; } = 32;

    /// <summary>Number of blocks (PEFT <c>r</c>); 0 where <see cref="BlockSize"/> says how large they are.</summary>
    public int Blocks { get; init; }

    /// <summary>Share of the blocks that keep still in a training pass.</summary>
    public double ModuleDropout { get; init; }

    /// <summary>Whether rotations stay within a ball around none (COFT).</summary>
    public bool Constrained { get; init; }

    /// <summary>Radius of that ball, over the square root of the number of blocks.</summary>
    public double Epsilon { get; init; } = 6e-5;

    /// <summary>Whether all blocks of a module turn alike.</summary>
    public bool BlockShare { get; init; }

    /// <summary>Whether the inverse of the Cayley transform is a short Neumann series.</summary>
    public bool UseCayleyNeumann { get; init; } = true;

    /// <summary>Terms of that series.</summary>
    public int NeumannTerms { get; init; } = 5;

    /// <summary>Features of a block of a module.</summary>
    public int SizeFor(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return Blocks == 0 ? Divisor(module.InputFeatures, BlockSize) : module.InputFeatures / Divisor(module.InputFeatures, Blocks);
    }

    /// <summary>Rotations that a module stores.</summary>
    public int RotationsFor(ModuleTarget module) => BlockShare ? 1 : module.InputFeatures / SizeFor(module);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems() =>
        (BlockSize == 0) == (Blocks == 0) ? [.. base.Problems(), $"The block size is {BlockSize} and the number of blocks {Blocks}; expected exactly one of them to be 0."] : base.Problems();

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems(ModuleMap modules) => TargetProblems.Of(this, modules, base.Problems(modules), module =>
        SizeFor(module) >= 2 ? null : $"The blocks of {module.Name} with its {module.InputFeatures} inputs would have 1 feature, which cannot be rotated; expected a block size of at least 2.");

    // PEFT adjust_oft_parameters: the nearest divisor, the smaller one where two are as near.
    private static int Divisor(int features, int wanted)
    {
        if (wanted >= features) return features;
        int higher = wanted, lower = wanted;
        while (features % higher != 0) higher++;
        while (lower > 1 && features % lower != 0) lower--;
        return wanted - lower <= higher - wanted ? lower : higher;
    }
}

/// <summary>OFT's settings, as PEFT's <c>OFTConfig</c> names them.</summary>
internal static class OftSettings
{
    public static IReadOnlyList<MethodSetting> All { get; } =
    [
        Whole("oft_block_size", "Block size", "Inputs that are rotated together. Larger blocks can learn more and cost memory with the square. 32 is usual; 0 if the number of blocks is set instead.",
            spec => spec.BlockSize, (spec, value) => spec with { BlockSize = value }, 0, 65536, absent: 32),
        Whole("r", "Blocks", "Number of blocks, in place of their size; 0 if the block size is set.",
            spec => spec.Blocks, (spec, value) => spec with { Blocks = value }, 0, 65536, absent: 0, advanced: true),
        Probability("module_dropout", "Block dropout", "Part of the blocks that is not rotated in a training pass. 0 is usual, 0.05 to 0.1 against memorising a small dataset.",
            spec => spec.ModuleDropout, (spec, value) => spec with { ModuleDropout = value }),
        Flag("coft", "Constrained (COFT)", "Keeps every rotation within a small ball, so that the model cannot move far.", spec => spec.Constrained, (spec, value) => spec with { Constrained = value }, advanced: true),
        Positive("eps", "Radius of the constraint", "Size of that ball; used with the constraint only. 6e-5 keeps close to the base, 1e-3 leaves more room.",
            spec => spec.Epsilon, (spec, value) => spec with { Epsilon = value }, absent: 6e-5, advanced: true),
        Flag("block_share", "Shared blocks", "All blocks of a module turn alike: fewer parameters, less room to learn.", spec => spec.BlockShare, (spec, value) => spec with { BlockShare = value }, advanced: true),
        Flag("use_cayley_neumann", "Fast rotation", "Approximates the rotation by a short series, which is quicker and nearly exact for small rotations.",
            spec => spec.UseCayleyNeumann, (spec, value) => spec with { UseCayleyNeumann = value }, absent: true, advanced: true),
        Whole("num_cayley_neumann_terms", "Terms of the fast rotation", "More terms are more exact. 5 is usual.",
            spec => spec.NeumannTerms, (spec, value) => spec with { NeumannTerms = value }, 2, 64, absent: 5, advanced: true),
        .. SharedSettings.Targeting,
        SharedSettings.Bias("oft"),
        SharedSettings.FanInFanOut,
        Note("init_weights", "true"),
    ];
}
