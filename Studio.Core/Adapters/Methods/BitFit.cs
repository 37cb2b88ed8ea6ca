using Studio.Core.Models;
using static Studio.Core.Adapters.MethodSettings<Studio.Core.Adapters.Methods.BitFitSpec>;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of BitFit (Ben Zaken et al. 2021).</summary>
public sealed record BitFitSpec : TargetedSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "bitfit";

    /// <summary>Acts on every bias.</summary>
    public BitFitSpec() => Targets = new TargetSelection { Pattern = ".*" };

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <inheritdoc/>
    public override TargetKinds Kinds => TargetKinds.Linear | TargetKinds.Norm | TargetKinds.Embedding;

    /// <summary>Whether target projections without a bias get one that starts at zero.</summary>
    public bool AddMissing { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems(ModuleMap modules)
    {
        var problems = base.Problems(modules);
        return problems.Count > 0 || BitFit.Select(this, modules).Count > 0 ? problems
            : ["None of the target modules of this base model has a bias, so that there is nothing to train; expected other targets, or new biases (add missing biases)."];
    }
}

/// <summary>
/// BitFit (Ben Zaken et al. 2021): the biases of projections and norms are trained, nothing else: <see cref="Biases"/> as a method of its own. Bases without
/// biases can be given zero ones at their projections, except at the head. PEFT has no such method: tensors are called <c>base_model.model.MODULE.bias</c>.
/// </summary>
public static class BitFit
{
    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = BitFitSpec.MethodName,
        PeftType = null,
        Title = "BitFit",
        Summary = "Trains the biases alone. Tiny, merges without a trace; for bases that have biases (GPT-2, OPT, Pythia, Qwen2), or with new ones.",
        Source = "Ben Zaken et al. 2021, arXiv 2106.10199",
        LearningRates = new LearningRateAdvice(1e-4, 1e-2, "the authors' examples (1e-3); the decade to either side is this studio's own guess"),
        Defaults = new BitFitSpec(),
        Settings =
        [
            Flag("add_missing", "Add missing biases", "Gives target projections without a bias a new one that starts at zero. Needed for Llama, Mistral, Gemma and other bases without biases.",
                spec => spec.AddMissing, (spec, value) => spec with { AddMissing = value }),
            .. SharedSettings.Targeting,
        ],
        Entries = (spec, modules) => Biases.Entries(Select((BitFitSpec)spec, modules)),
        Create = (spec, site, parameters) => new Biases(spec, site, parameters, Select((BitFitSpec)spec, site.Modules)),
    };

    internal static IReadOnlyList<TrainedBias> Select(BitFitSpec spec, ModuleMap modules) =>
    [
        .. spec.Select(modules).Where(module => !SavedModules.IsSaved(spec, module))
            .Select(module => new TrainedBias(module, PeftFormat.Key(module, "bias"), IsNew: !SavedModules.HasBias(module, modules.Config)))
            .Where(trained => !trained.IsNew || (spec.AddMissing && trained.Module.Kind == ModuleKind.Linear && trained.Module.Layer != LayerId.Head)),
    ];
}
