using Studio.Core.Models;
using static Studio.Core.Adapters.MethodSettings<Studio.Core.Adapters.Methods.FourierFtSpec>;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of FourierFT, as PEFT's <c>FourierFTConfig</c> names them.</summary>
public sealed record FourierFtSpec : TargetedSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "fourierft";

    /// <summary>The settings on files and forms.</summary>
    internal static IReadOnlyList<MethodSetting> Settings { get; } =
    [
        Whole("n_frequency", "Frequencies", "Trained numbers a layer: entries of the update's spectrum. 1000 is usual; more can learn more.",
            spec => spec.Frequencies, (spec, value) => spec with { Frequencies = value }, 1, int.MaxValue, absent: 1000),
        Number("scaling", "Scale", "Factor on the update. 100 to 300 is usual; a larger one acts like a larger learning rate.",
            spec => spec.Scaling, (spec, value) => spec with { Scaling = value }, value => value != 0 && double.IsFinite(value), "a number other than 0", absent: 150, isFloat: true),
        Seed("random_loc_seed", "Seed of the positions", "Which entries of the spectrum are trained is drawn from this seed.",
            spec => spec.PositionSeed, (spec, value) => spec with { PositionSeed = value }, absent: 777),
        Flag("init_weights", "Begin without effect", "Begins at the base model. Off, PEFT's default, begins at a random spectrum.",
            spec => spec.BeginsAtBase, (spec, value) => spec with { BeginsAtBase = value }),
        ModuleSettings<FourierFtSpec>.Whole("n_frequency_pattern", "number of frequencies", spec => spec.FrequencyPattern, (spec, value) => spec with { FrequencyPattern = value }, 1, int.MaxValue),
        .. SharedSettings.Targeting,
        SharedSettings.Bias("fourier"),
        SharedSettings.FanInFanOut,
    ];

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <summary>Trained entries of a module's spectrum.</summary>
    public int Frequencies { get; init; } = 1000;

    /// <summary>Factor on dW.</summary>
    public double Scaling { get; init; } = 150;

    /// <summary>Seed of the entries' positions.</summary>
    public int PositionSeed { get; init; } = 777;

    /// <summary>Whether the spectrum begins at zero instead of at normal values.</summary>
    public bool BeginsAtBase { get; init; }

    /// <inheritdoc/>
    public override bool StartsAsBase => BeginsAtBase;

    /// <summary>Other numbers of frequencies for modules whose name matches.</summary>
    public IReadOnlyDictionary<string, int> FrequencyPattern { get; init; } = new Dictionary<string, int>();

    /// <summary>Trained entries of one module's spectrum.</summary>
    public int FrequenciesOf(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return SuffixPattern.Lookup(FrequencyPattern, module.Name, Frequencies);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems(ModuleMap modules) => TargetProblems.Of(this, modules, base.Problems(modules), module =>
        FrequenciesOf(module) <= (long)module.InputFeatures * module.OutputFeatures ? null
            : $"{FrequenciesOf(module)} frequencies are more than the {(long)module.InputFeatures * module.OutputFeatures} weights of '{module.Name}'.");
}
