using Studio.Core.Models;
using static Studio.Core.Adapters.MethodSettings<Studio.Core.Adapters.Methods.MissSpec>;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of MiSS, as PEFT's <c>MissConfig</c> names them.</summary>
public sealed record MissSpec : TargetedSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "miss";

    /// <summary>PEFT's word for the form that also turns the base's blocks.</summary>
    public const string Bat = "bat";

    /// <summary>PEFT's word for the form that repeats a narrower matrix over the outputs.</summary>
    public const string Mini = "mini";

    /// <summary>The settings on files and forms.</summary>
    internal static IReadOnlyList<MethodSetting> Settings { get; } =
    [
        Whole("r", "Rank", "Input features are added up in r groups before the trained matrix. 32 to 64 is usual; bat needs a divisor of all layer sizes.",
            spec => spec.Rank, (spec, value) => spec with { Rank = value }, 1, LoraSpec.MaximumRank, absent: 64),
        ModuleSettings<MissSpec>.Variant("init_weights", "Form", "true is the usual, fastest form; mini repeats a narrower matrix and trains fewer numbers; bat also mixes the base's own blocks and needs its weights; false is the usual form from a random start.",
            ["true", "false", Mini, Bat], spec => spec.Form, (spec, value) => spec with { Form = value }),
        Whole("mini_r", "Width of mini", "Output features that mini trains; the others repeat them. Must divide the outputs of every layer.",
            spec => spec.MiniRank, (spec, value) => spec with { MiniRank = value }, 1, 65536, absent: 1, advanced: true),
        Probability("miss_dropout", "Dropout", "Part of the update's inputs that is dropped at random while training; bat has none. 0 is usual.",
            spec => spec.Dropout, (spec, value) => spec with { Dropout = value }),
        .. SharedSettings.Targeting,
        SharedSettings.Bias("MiSS"),
    ];

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <summary>Rank r.</summary>
    public int Rank { get; init; } = 64;

    /// <summary>Output features of the form <see cref="Mini"/>.</summary>
    public int MiniRank { get; init; } = 1;

    /// <summary>Probability of dropping an input feature of the update while training.</summary>
    public double Dropout { get; init; }

    /// <summary>Which form: <c>true</c>, <c>false</c>, <see cref="Mini"/> or <see cref="Bat"/> (PEFT <c>init_weights</c>).</summary>
    public string Form { get; init; } = "true";

    /// <inheritdoc/>
    public override bool StartsAsBase => Form != "false";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems(ModuleMap modules) => TargetProblems.Of(this, modules, base.Problems(modules), module => Form switch
    {
        Bat when module.InputFeatures % Rank != 0 || module.OutputFeatures % Rank != 0 =>
            $"Rank {Rank} does not divide the weight [{module.OutputFeatures}, {module.InputFeatures}] of '{module.Name}' into blocks, which bat needs.",
        Mini when module.OutputFeatures % MiniRank != 0 => $"Width of mini {MiniRank} does not divide the {module.OutputFeatures} outputs of '{module.Name}'.",
        _ => null,
    });
}
