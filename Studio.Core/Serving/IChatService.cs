using System.Text.Json.Serialization;
using Studio.Core.Generation;
using Studio.Core.Text;

namespace Studio.Core.Serving;

/// <summary>One answer to give: a conversation and who answers.</summary>
/// <param name="AdapterId">An adapter, also one in training; null = the plain base.</param>
/// <param name="Messages">The conversation so far, the last message from the user.</param>
public sealed record ChatPane(string? AdapterId, IReadOnlyList<ChatMessage> Messages);

/// <summary>Panes that answer at once, decoded in one batch.</summary>
public sealed record ChatRequest
{
    /// <summary>A loaded base model.</summary>
    public required string ModelId { get; init; }

    /// <summary>1 to 16 panes.</summary>
    public required IReadOnlyList<ChatPane> Panes { get; init; }

    /// <summary>Sampling settings, the same for all.</summary>
    public SamplingSettings Sampling { get; init; } = new();

    /// <summary>What happens to a conversation that is longer than the context.</summary>
    public TooLong WhenTooLong { get; init; }
}

/// <summary>What happens to a conversation that is longer than the model's context.</summary>
public enum TooLong
{
    /// <summary>Its pane is refused, with both lengths.</summary>
    Refuse,

    /// <summary>The oldest turns are left out of the prompt, the system message never, until a quarter of the context (or the longest answer, where that is less) is free.</summary>
    DropOldest,
}

/// <summary>A piece of one pane's answer.</summary>
/// <param name="Pane">0-based pane.</param>
/// <param name="Text">New text; the error message when it failed.</param>
/// <param name="Finish">Set on the pane's last piece.</param>
/// <param name="Tokens">Tokens generated so far.</param>
/// <param name="TokensPerSecond">Speed of this pane so far.</param>
/// <param name="Window">On a first piece without text, where the context does not hold everything that was asked for; else null.</param>
public sealed record ChatPiece(int Pane, string Text, FinishReason? Finish, int Tokens, double TokensPerSecond,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ChatWindow? Window = null);

/// <summary>Chats with the base and any adapters, while they train.</summary>
public interface IChatService
{
    /// <summary>Everything that is wrong with a request; empty when nothing is.</summary>
    Task<IReadOnlyList<string>> CheckAsync(ChatRequest request, CancellationToken ct = default);

    /// <summary>Streams the answers; cancelling ends all panes. One pane's failure does not touch the others.</summary>
    /// <exception cref="StudioException">The request has problems.</exception>
    IAsyncEnumerable<ChatPiece> StreamAsync(ChatRequest request, CancellationToken ct = default);
}
