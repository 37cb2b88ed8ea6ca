namespace Studio.Web.FineTunes;

/// <summary>The fields of an adapter's settings, on whichever form.</summary>
/// <param name="prefix">How the ids of their inputs begin.</param>
public sealed class AdapterFieldSet(string prefix)
{
    public FormField Method { get; } = new($"{prefix}-method", "Method",
        "How the adapter changes the base. LoRA adds a small low-rank update to the chosen layers and is the usual choice.");

    public FormField Rank { get; } = new($"{prefix}-rank", "Rank",
        "Width of the update. More rank can learn more and costs memory in proportion. 4 to 16 suits a style, 16 to 64 a task.", "Rank is");

    public FormField Alpha { get; } = new($"{prefix}-alpha", "Alpha",
        "Strength of the update: it is scaled by alpha / rank. Twice the rank is a common choice.", "Alpha is");

    public FormField RsLora { get; } = new($"{prefix}-rslora", "Rank-stabilised scaling (rsLoRA)",
        "Scales by alpha / √rank instead, so that large ranks keep learning. Useful from rank 32 on.");

    public FormField Dropout { get; } = new($"{prefix}-dropout", "Dropout",
        "Part of the update's inputs that is dropped at random while training. 0 for most datasets, 0.05 to 0.1 against memorising a small one.", "Dropout is");

    public FormField Targets { get; } = new($"{prefix}-targets", "Target modules",
        "Layers that get an update. All linear layers learn most; attention only is smaller and changes the base less.",
        "Target module", "The target module", "The target pattern");

    /// <summary>All of them.</summary>
    public IReadOnlyList<FormField> All => [Method, Rank, Alpha, RsLora, Dropout, Targets];
}
