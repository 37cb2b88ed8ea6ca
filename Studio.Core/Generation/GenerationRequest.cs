using Studio.Core.Clients;

namespace Studio.Core.Generation;

/// <summary>One answer to generate.</summary>
public sealed record GenerationRequest
{
    /// <summary>Token ids of the prompt; at least one.</summary>
    public required IReadOnlyList<int> Prompt { get; init; }

    /// <summary>The adapter that answers; null = the plain base. The caller keeps it alive until the answer ends.</summary>
    public AdapterInstance? Adapter { get; init; }

    /// <summary>Sampling settings.</summary>
    public SamplingSettings Sampling { get; init; } = new();

    /// <summary>Ids that end the answer; null = the generator's own.</summary>
    public IReadOnlyList<int>? StopIds { get; init; }
}

/// <summary>Why an answer ended.</summary>
public enum FinishReason
{
    /// <summary>The model ended its turn, or a stop text came.</summary>
    Stop,

    /// <summary>The most new tokens were reached, or the context is full.</summary>
    Length,

    /// <summary>It failed.</summary>
    Error,
}

/// <summary>A piece of an answer.</summary>
/// <param name="Text">New text; for <see cref="FinishReason.Error"/> the message.</param>
/// <param name="Tokens">Tokens generated so far.</param>
/// <param name="Finish">Set on the last piece.</param>
/// <param name="Reused">Tokens of the prompt whose keys and values were there from another answer.</param>
public readonly record struct GeneratedPiece(string Text, int Tokens, FinishReason? Finish, int Reused = 0);
