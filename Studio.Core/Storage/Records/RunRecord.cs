namespace Studio.Core.Storage;

/// <summary>State of a fine-tune run.</summary>
public enum RunState
{
    /// <summary>Waits for its turn.</summary>
    Queued,

    /// <summary>Takes steps.</summary>
    Running,

    /// <summary>Holds its state and takes no steps.</summary>
    Paused,

    /// <summary>Took all its steps.</summary>
    Finished,

    /// <summary>Ended by an error, see <see cref="RunRecord.Error"/>.</summary>
    Failed,

    /// <summary>Ended by the user before its last step.</summary>
    Stopped,
}

/// <summary>One fine-tune run with its whole life.</summary>
public sealed record RunRecord : IRecord
{
    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>Name shown to people.</summary>
    public required string Name { get; init; }

    /// <summary>Where the run stands.</summary>
    public required RunState State { get; init; }

    /// <summary>Why it stands there, in words; empty where the state says it all.</summary>
    public string StateReason { get; init; } = "";

    /// <summary>Id of the base model.</summary>
    public required string BaseModelId { get; init; }

    /// <summary>Weight fingerprint of the base model.</summary>
    public required string BaseFingerprint { get; init; }

    /// <summary>Data set it trains on.</summary>
    public required string DatasetId { get; init; }

    /// <summary>Adapter it trains.</summary>
    public required string AdapterId { get; init; }

    /// <summary>The run's settings as JSON, in the layout that <see cref="SettingsSchema"/> numbers.</summary>
    public required string Settings { get; init; }

    /// <summary>Schema version of <see cref="Settings"/>.</summary>
    public required int SettingsSchema { get; init; }

    /// <inheritdoc/>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it took its first step, UTC.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Optimizer steps taken.</summary>
    public long Step { get; init; }

    /// <summary>Optimizer steps planned.</summary>
    public long TotalSteps { get; init; }

    /// <summary>Step whose state the adapter's files hold; null before they were first written.</summary>
    public long? SavedStep { get; init; }

    /// <summary>Passes over the data so far, with fraction.</summary>
    public double Epoch { get; init; }

    /// <summary>Tokens trained on so far.</summary>
    public long TokensSeen { get; init; }

    /// <summary>Training loss of the latest step, nats per trained token.</summary>
    public double? LastLoss { get; init; }

    /// <summary>Lowest held-out loss so far, nats per trained token.</summary>
    public double? BestEvalLoss { get; init; }

    /// <summary>Latest held-out loss, nats per trained token.</summary>
    public double? LastEvalLoss { get; init; }

    /// <summary>What went wrong, for a failed run.</summary>
    public string? Error { get; init; }
}
