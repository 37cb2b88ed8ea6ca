using System.Text.Json.Serialization;
using Studio.Core.Models;
using static Studio.Core.Adapters.MethodSettings<Studio.Core.Adapters.Methods.VbLoraSpec>;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of VB-LoRA, as PEFT's <c>VBLoRAConfig</c> names them.</summary>
public sealed record VbLoraSpec : TargetedSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "vblora";

    /// <summary>The settings on files and forms.</summary>
    internal static IReadOnlyList<MethodSetting> Settings { get; } =
    [
        Whole("r", "Rank", "Width of the update, as for LoRA. 4 is usual.", spec => spec.Rank, (spec, value) => spec with { Rank = value }, 1, LoraSpec.MaximumRank, absent: 4),
        Whole("num_vectors", "Vectors in the bank", "All layers are mixed from this many shared vectors. 256 is usual for small models, 2048 for large ones.",
            spec => spec.Vectors, (spec, value) => spec with { Vectors = value }, 1, 1 << 20, absent: 256),
        Whole("vector_length", "Length of the vectors", "Must divide inputs and outputs of every layer. 256 is usual; shorter vectors need more of them.",
            spec => spec.VectorLength, (spec, value) => spec with { VectorLength = value }, 1, 65536, absent: 256),
        Whole("topk", "Vectors a mix", "How many vectors each piece of a layer is mixed from. 2 is usual.", spec => spec.TopK, (spec, value) => spec with { TopK = value }, 1, 1024, absent: 2),
        Probability("vblora_dropout", "Dropout", "Part of the update's inputs that is dropped at random while training. 0 is usual.",
            spec => spec.Dropout, (spec, value) => spec with { Dropout = value }),
        Flag("save_only_topk_weights", "Save the mixes only", "Stores which vectors are mixed and how strongly instead of all logits: a far smaller file, which can be used but not trained further elsewhere.",
            spec => spec.SavesTopKOnly, (spec, value) => spec with { SavesTopKOnly = value }, advanced: true),
        Positive("init_vector_bank_bound", "Spread of the bank", "The vectors begin uniform within this bound. 0.02 is usual.",
            spec => spec.BankBound, (spec, value) => spec with { BankBound = value }, absent: 0.02, advanced: true),
        Number("init_logits_std", "Spread of the logits", "Standard deviation of the first logits. 0.01 to 0.1 is usual.",
            spec => spec.LogitDeviation, (spec, value) => spec with { LogitDeviation = value }, value => value >= 0 && double.IsFinite(value), "at least 0", absent: 0.1, advanced: true),
        .. SharedSettings.Targeting,
        SharedSettings.Bias("vblora"),
        SharedSettings.FanInFanOut,
    ];

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <summary>Rank r.</summary>
    public int Rank { get; init; } = 4;

    /// <summary>Vectors in the bank.</summary>
    public int Vectors { get; init; } = 256;

    /// <summary>Length of a vector.</summary>
    public int VectorLength { get; init; } = 256;

    /// <summary>Vectors that each piece is mixed from.</summary>
    public int TopK { get; init; } = 2;

    /// <inheritdoc/>
    public override bool StartsAsBase => false;

    /// <summary>Probability of dropping an input feature of the update while training.</summary>
    public double Dropout { get; init; }

    /// <summary>Whether PEFT's file holds the chosen vectors and their weights instead of the logits.</summary>
    public bool SavesTopKOnly { get; init; }

    /// <summary>The bank begins uniform within +- this.</summary>
    public double BankBound { get; init; } = 0.02;

    /// <summary>Standard deviation of the first logits.</summary>
    public double LogitDeviation { get; init; } = 0.1;

    /// <summary>Whether the logits are gone: the adapter came from a file of mixes alone. It serves and merges and cannot be trained.</summary>
    [JsonIgnore]
    public bool IsFixed { get; init; }

    /// <inheritdoc/>
    public override AdapterSpec AsStored() => SavesTopKOnly ? this with { IsFixed = true } : this;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems()
    {
        var problems = base.Problems();
        return TopK <= Vectors ? problems : [.. problems, $"Vectors a mix are {TopK}; expected at most the {Vectors} in the bank."];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems(ModuleMap modules) => TargetProblems.Of(this, modules, base.Problems(modules), module =>
        module.InputFeatures % VectorLength == 0 && module.OutputFeatures % VectorLength == 0 ? null
            : $"Vector length {VectorLength} does not divide the weight [{module.OutputFeatures}, {module.InputFeatures}] of '{module.Name}'.");
}
