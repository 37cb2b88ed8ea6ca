namespace Studio.Core.Storage;

/// <summary>An adapter whose PEFT files lie in <c>adapters/&lt;id&gt;/</c> of the data directory.</summary>
public sealed record AdapterRecord : IRecord
{
    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>Name shown to people.</summary>
    public required string Name { get; init; }

    /// <summary>Adapter method, e.g. <c>lora</c>.</summary>
    public required string Method { get; init; }

    /// <summary>Id of the base model it was made for.</summary>
    public required string BaseModelId { get; init; }

    /// <summary>Weight fingerprint of that base model.</summary>
    public required string BaseFingerprint { get; init; }

    /// <summary>Run that trains or trained it; null for an adapter that was imported or never trained.</summary>
    public string? RunId { get; init; }

    /// <summary>Adapter it was made from, if any; it may be deleted by now.</summary>
    public string? ParentId { get; init; }

    /// <summary>Where it came from: one of <see cref="AdapterSource"/>.</summary>
    public string Source { get; init; } = AdapterSource.Created;

    /// <summary>Name of the file or folder that it was imported from; empty for others.</summary>
    public string SourceName { get; init; } = "";

    /// <summary>Data set it was trained on, if any.</summary>
    public string? DatasetId { get; init; }

    /// <summary>Number of trainable parameters.</summary>
    public required long TrainableParameters { get; init; }

    /// <summary>Size of its files, bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>The adapter's specification as JSON.</summary>
    public required string Spec { get; init; }

    /// <inheritdoc/>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its files last changed, UTC.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Free labels.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Free text of the user.</summary>
    public string Notes { get; init; } = "";
}

/// <summary>Values of <see cref="AdapterRecord.Source"/>.</summary>
public static class AdapterSource
{
    /// <summary>Made untrained by the user.</summary>
    public const string Created = "created";

    /// <summary>Made by a run.</summary>
    public const string Run = "run";

    /// <summary>Brought by the user.</summary>
    public const string Import = "import";

    /// <summary>Made of several adapters, see <see cref="AdapterRecord.ParentId"/> for the first and the notes for all.</summary>
    public const string Combination = "combination";

    /// <summary>A copy of another adapter, see <see cref="AdapterRecord.ParentId"/>.</summary>
    public const string Copy = "copy";
}
