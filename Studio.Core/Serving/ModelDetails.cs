namespace Studio.Core.Serving;

/// <summary>What a model is built of, as its config says.</summary>
public sealed record ModelArchitecture
{
    /// <summary>Family, such as llama.</summary>
    public required string Family { get; init; }

    /// <summary>Parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>Blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int Hidden { get; init; }

    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key/value heads.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Features of a head.</summary>
    public required int HeadWidth { get; init; }

    /// <summary>Inner width of the MLP, or of an expert.</summary>
    public required int MlpWidth { get; init; }

    /// <summary>Experts of a block; 0 = an MLP.</summary>
    public required int Experts { get; init; }

    /// <summary>Experts that a token goes through.</summary>
    public required int ExpertsPerToken { get; init; }

    /// <summary>Entries of the vocabulary.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Longest sequence, tokens.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Keys that a query sees in blocks with a sliding window; 0 = no block has one.</summary>
    public required int Window { get; init; }

    /// <summary>Element type of the stored weights, such as bfloat16.</summary>
    public required string StoredType { get; init; }

    /// <summary>How positions are told apart, in words.</summary>
    public required string Positions { get; init; }

    /// <summary>Whether embedding and head are one weight.</summary>
    public required bool TiedHead { get; init; }
}

/// <summary>A chat template of a model.</summary>
/// <param name="Name">Its name; default for the usual one.</param>
/// <param name="Text">Jinja.</param>
public sealed record ModelTemplate(string Name, string Text);

/// <summary>A file of a model.</summary>
/// <param name="Name">Name within the folder.</param>
/// <param name="Bytes">Size.</param>
public sealed record ModelFileInfo(string Name, long Bytes);

/// <summary>Everything about a model that the studio knows, loaded or not.</summary>
/// <param name="Model">Its record and where it stands.</param>
/// <param name="Architecture">What it is built of; null where that cannot be read.</param>
/// <param name="Problem">Why something of it cannot be read; null = nothing is wrong.</param>
/// <param name="Title">Name that its card gives it, or null.</param>
/// <param name="License">License that its card states, or null.</param>
/// <param name="LicenseLink">Where the license stands, or null.</param>
/// <param name="Templates">Its chat templates.</param>
/// <param name="Files">Its files by name.</param>
public sealed record ModelDetails(KnownModel Model, ModelArchitecture? Architecture, string? Problem, string? Title, string? License, string? LicenseLink,
    IReadOnlyList<ModelTemplate> Templates, IReadOnlyList<ModelFileInfo> Files);
