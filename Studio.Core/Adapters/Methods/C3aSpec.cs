using Studio.Core.Models;
using static Studio.Core.Adapters.MethodSettings<Studio.Core.Adapters.Methods.C3aSpec>;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of C3A, as PEFT's <c>C3AConfig</c> names them.</summary>
public sealed record C3aSpec : TargetedSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "c3a";

    /// <summary>The settings on files and forms.</summary>
    internal static IReadOnlyList<MethodSetting> Settings { get; } =
    [
        Whole("block_size", "Block size", "Size of the circulant blocks; must divide inputs and outputs of every layer. Larger blocks train fewer numbers; the largest common divisor of all layer sizes is the cheapest.",
            spec => spec.BlockSize, (spec, value) => spec with { BlockSize = value }, 1, 65536, absent: 256),
        ModuleSettings<C3aSpec>.Variant("init_weights", "Start", "xavier_uniform (also: false), kaiming_uniform and gaussian begin at random values, true begins without effect.",
            ["xavier_uniform", "kaiming_uniform", "gaussian", "true", "false"], spec => spec.InitWeights, (spec, value) => spec with { InitWeights = value }),
        ModuleSettings<C3aSpec>.Whole("block_size_pattern", "block size", spec => spec.BlockSizePattern, (spec, value) => spec with { BlockSizePattern = value }, 1, 65536),
        SharedSettings.TargetModules, SharedSettings.Blocks, SharedSettings.BlockLists, SharedSettings.ModulesToSave,
        SharedSettings.Bias("c3a"),
        Flag("studio_exact_gradient", "Exact gradient", "PEFT's backward pass mirrors the kernels towards lower layers. Off trains exactly as PEFT does; on uses the true gradient. PEFT ignores this setting.",
            spec => spec.ExactGradient, (spec, value) => spec with { ExactGradient = value }, advanced: true) with { IsWritten = spec => ((C3aSpec)spec).ExactGradient },
    ];

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <summary>Size b of the circulant blocks.</summary>
    public int BlockSize { get; init; } = 256;

    /// <summary>How the kernels begin: a distribution, <c>true</c> for zeros, or <c>false</c> for xavier_uniform.</summary>
    public string InitWeights { get; init; } = "xavier_uniform";

    /// <inheritdoc/>
    public override bool StartsAsBase => InitWeights == "true";

    /// <summary>Other block sizes for modules whose name matches.</summary>
    public IReadOnlyDictionary<string, int> BlockSizePattern { get; init; } = new Dictionary<string, int>();

    /// <summary>Whether the gradient towards a module's input is the true one instead of PEFT's. A setting of this studio, which PEFT ignores.</summary>
    public bool ExactGradient { get; init; }

    /// <summary>Block size of a module.</summary>
    public int BlockSizeOf(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return SuffixPattern.Lookup(BlockSizePattern, module.Name, BlockSize);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems(ModuleMap modules) => TargetProblems.Of(this, modules, base.Problems(modules), module =>
        module.InputFeatures % BlockSizeOf(module) == 0 && module.OutputFeatures % BlockSizeOf(module) == 0 ? null
            : $"Block size {BlockSizeOf(module)} does not divide the weight [{module.OutputFeatures}, {module.InputFeatures}] of '{module.Name}'.");
}
