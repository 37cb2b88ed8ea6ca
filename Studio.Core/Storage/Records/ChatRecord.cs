namespace Studio.Core.Storage;

/// <summary>A conversation in the playground: one prompt line, one or more panes that answer side by side.</summary>
public sealed record ChatRecord : IRecord
{
    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>Title shown to people.</summary>
    public required string Title { get; init; }

    /// <summary>Id of the base model that all panes share.</summary>
    public required string BaseModelId { get; init; }

    /// <summary>System prompt; empty for none.</summary>
    public string SystemPrompt { get; init; } = "";

    /// <summary>Sampling settings as JSON.</summary>
    public string Sampling { get; init; } = "{}";

    /// <summary>The panes, left to right.</summary>
    public required IReadOnlyList<ChatPaneRecord> Panes { get; init; }

    /// <summary>Messages in the order they were written.</summary>
    public IReadOnlyList<ChatMessageRecord> Messages { get; init; } = [];

    /// <inheritdoc/>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the latest message was added, UTC.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>One pane of a <see cref="ChatRecord"/>.</summary>
public sealed record ChatPaneRecord
{
    /// <summary>Adapter that answers in this pane; null for the plain base model.</summary>
    public string? AdapterId { get; init; }
}

/// <summary>One message of a <see cref="ChatRecord"/>.</summary>
public sealed record ChatMessageRecord
{
    /// <summary>Role in the chat template: <c>user</c>, <c>assistant</c> or <c>system</c>.</summary>
    public required string Role { get; init; }

    /// <summary>The text, exactly as written.</summary>
    public required string Text { get; init; }

    /// <summary>Zero-based pane the message belongs to; null when it belongs to all of them.</summary>
    public int? Pane { get; init; }

    /// <summary>When it was completed, UTC.</summary>
    public required DateTimeOffset Time { get; init; }
}
