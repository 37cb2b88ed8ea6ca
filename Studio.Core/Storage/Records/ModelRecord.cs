namespace Studio.Core.Storage;

/// <summary>A base model that the studio knows: where its checkpoint lies and what it is.</summary>
public sealed record ModelRecord : IRecord
{
    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>Name shown to people.</summary>
    public required string Name { get; init; }

    /// <summary>Absolute folder of the Hugging Face checkpoint.</summary>
    public required string Folder { get; init; }

    /// <summary>Fingerprint of the weights; runs and adapters are bound to it.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Model family, e.g. <c>llama</c>.</summary>
    public required string Family { get; init; }

    /// <summary>Number of parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>Size of the weights on disk, bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Element type that the model computes in, e.g. <c>bf16</c> or <c>fp32</c>.</summary>
    public required string ComputeType { get; init; }

    /// <summary>Longest sequence the model was made for, tokens.</summary>
    public required int ContextLength { get; init; }

    /// <summary>When the model was registered, UTC.</summary>
    public required DateTimeOffset AddedAt { get; init; }

    /// <summary>Id on the Hub, such as Qwen/Qwen2.5-0.5B; null for a folder that nobody knows more of.</summary>
    public string? HubId { get; init; }

    /// <summary>Commit on the Hub; null where there is no <see cref="HubId"/>.</summary>
    public string? HubCommit { get; init; }

    /// <summary>Whether it is loaded when the studio starts.</summary>
    public bool LoadAtStart { get; init; }

    /// <summary>Compute type that was asked for at its last load: auto, float32 or bfloat16.</summary>
    public string RequestedType { get; init; } = "auto";

    /// <summary>Batching policy that was chosen for it, by name; null = the engine's own choice.</summary>
    public string? Policy { get; init; }

    DateTimeOffset IRecord.CreatedAt => AddedAt;
}
