using System.Numerics;
using Studio.Core.Models;
using static Studio.Core.Adapters.MethodSettings<Studio.Core.Adapters.Methods.BoftSpec>;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of BOFT (Liu et al. 2023), as PEFT's <c>BOFTConfig</c> names them.</summary>
public sealed record BoftSpec : TargetedSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "boft";

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <summary>Features of a block; 0 where <see cref="BlockCount"/> says how many blocks there are.</summary>
    public int BlockSize { get; init; } = 4;

    /// <summary>Number of blocks; 0 where <see cref="BlockSize"/> says how large they are.</summary>
    public int BlockCount { get; init; }

    /// <summary>Butterfly factors, as the config says.</summary>
    public int Factors { get; init; } = 1;

    /// <summary>
    /// Butterfly factors of the stored tensors where they are others: PEFT takes a single one, whatever the config says, unless its CUDA extension
    /// was there. Null = as the config says.
    /// </summary>
    public int? StoredFactors { get; init; }

    /// <summary>Share of the blocks of one factor that keep still in a training pass.</summary>
    public double Dropout { get; init; }

    /// <summary>Butterfly factors that act.</summary>
    internal int ActingFactors => StoredFactors ?? Factors;

    /// <summary>Features of a block of a module.</summary>
    public int SizeFor(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return BlockSize > 0 ? BlockSize : module.InputFeatures / BlockCount;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems() =>
        (BlockSize == 0) == (BlockCount == 0) ? [.. base.Problems(), $"The block size is {BlockSize} and the number of blocks {BlockCount}; expected exactly one of them to be 0."] : base.Problems();

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems(ModuleMap modules) => TargetProblems.Of(this, modules, base.Problems(modules), ProblemOf);

    private string? ProblemOf(ModuleTarget module)
    {
        int divisor = BlockSize > 0 ? BlockSize : BlockCount;
        if (module.InputFeatures % divisor != 0)
            return $"{module.Name} has {module.InputFeatures} inputs, which {(BlockSize > 0 ? $"blocks of {BlockSize}" : $"{BlockCount} blocks")} do not divide; expected a divisor.";
        int size = SizeFor(module), count = module.InputFeatures / size;
        if (size < 2) return $"The blocks of {module.Name} with its {module.InputFeatures} inputs would have 1 feature, which cannot be rotated; expected a block size of at least 2.";
        // Factor i joins blocks over 2^i of them, so that many must divide their number.
        return ActingFactors > 1 && (size % 2 != 0 || BitOperations.TrailingZeroCount(count) < ActingFactors - 1)
            ? $"{module.Name} has {count} blocks of {size} inputs; {ActingFactors} butterfly factors need blocks of an even size and a multiple of {1L << (ActingFactors - 1)} of them."
            : null;
    }
}

/// <summary>BOFT's settings, as PEFT's <c>BOFTConfig</c> names them.</summary>
internal static class BoftSettings
{
    public static IReadOnlyList<MethodSetting> All { get; } =
    [
        Whole("boft_block_size", "Block size", "Inputs that are rotated together; must divide the inputs of every target. 4 to 8 are usual; 0 if the number of blocks is set instead.",
            spec => spec.BlockSize, (spec, value) => spec with { BlockSize = value }, 0, 65536, absent: 4),
        Whole("boft_block_num", "Blocks", "Number of blocks, in place of their size; 0 if the block size is set.",
            spec => spec.BlockCount, (spec, value) => spec with { BlockCount = value }, 0, 65536, absent: 0, advanced: true),
        Whole("boft_n_butterfly_factor", "Butterfly factors", "How often blocks are mixed with blocks further away. Each adds as many parameters again. PEFT loads more than 1 only with its CUDA extension.",
            spec => spec.Factors, (spec, value) => spec with { Factors = value, StoredFactors = null }, 1, 20, absent: 1),
        Probability("boft_dropout", "Block dropout", "Part of the blocks that is not rotated in a training pass. 0 is usual, 0.05 to 0.1 against memorising a small dataset.",
            spec => spec.Dropout, (spec, value) => spec with { Dropout = value }),
        .. SharedSettings.Targeting,
        SharedSettings.Bias("boft"),
        SharedSettings.FanInFanOut,
        Note("init_weights", "true"),
    ];
}
