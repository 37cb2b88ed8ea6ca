using Studio.Core.Models;
using Studio.Core.Tensors;

namespace Studio.Core.Adapters.Methods;

/// <summary>One target module of a LoRA: names of its tensors in the file, its rank and its scale.</summary>
/// <param name="Module">The module.</param>
/// <param name="A">Name of A: [r, in]; of an embedding [r, vocabulary].</param>
/// <param name="B">Name of B: [out, r]; of an embedding [hidden, r].</param>
/// <param name="Bias">Name of the update's bias [out], or null.</param>
/// <param name="Magnitude">Name of DoRA's magnitudes [out], or null.</param>
/// <param name="Rank">r.</param>
/// <param name="Scale">alpha / r, or alpha / sqrt(r) for rsLoRA.</param>
internal sealed record LoraTarget(ModuleTarget Module, string A, string B, string? Bias, string? Magnitude, int Rank, double Scale)
{
    /// <summary>Whether it is the token embedding.</summary>
    public bool IsEmbedding => Module.Kind == ModuleKind.Embedding;

    /// <summary>Shape of A.</summary>
    public long[] ShapeOfA => [Rank, Module.InputFeatures];

    /// <summary>Shape of B.</summary>
    public long[] ShapeOfB => [Module.OutputFeatures, Rank];

    /// <summary>The targets of settings on a model, in forward order.</summary>
    public static IReadOnlyList<LoraTarget> Of(LoraSpec spec, ModuleMap modules) => [.. spec.Select(modules).Select(module =>
    {
        int rank = ModulePattern.Lookup(spec.RankPattern, module.Name, spec.Rank);
        double scale = ModulePattern.Lookup(spec.AlphaPattern, module.Name, spec.Alpha) / (spec.UseRsLora ? Math.Sqrt(rank) : rank);
        bool embedding = module.Kind == ModuleKind.Embedding;
        return new LoraTarget(module,
            PeftFormat.Key(module, embedding ? "lora_embedding_A" : "lora_A.weight"),
            PeftFormat.Key(module, embedding ? "lora_embedding_B" : "lora_B.weight"),
            spec.UseBias ? PeftFormat.Key(module, "lora_B.bias") : null,
            spec.UseDora ? PeftFormat.Key(module, "lora_magnitude_vector") : null,
            rank, scale);
    })];

    /// <summary>Names and shapes of what is trained.</summary>
    public IEnumerable<FlatEntry> Entries(LoraSpec spec)
    {
        if (!spec.FreezeA) yield return new FlatEntry(A, ShapeOfA);
        yield return new FlatEntry(B, ShapeOfB, spec.LearningRateRatio);
        if (Bias is not null) yield return new FlatEntry(Bias, [Module.OutputFeatures], spec.LearningRateRatio);
        if (Magnitude is not null) yield return new FlatEntry(Magnitude, [Module.OutputFeatures]);
    }
}
