using System.Text.Json.Serialization;
using Studio.Core.Generation;
using Studio.Core.Text;

namespace Studio.Core.Serving;

/// <summary>One answer to give: a conversation and who answers.</summary>
/// <param name="AdapterId">An adapter, also one in training; null = the plain base.</param>
/// <param name="Messages">The conversation so far, the last message from the user.</param>
/// <param name="Blend">Several adapters that answer as one; exclusive with <paramref name="AdapterId"/>.</param>
public sealed record ChatPane(string? AdapterId, IReadOnlyList<ChatMessage> Messages, ChatBlend? Blend = null);

/// <summary>Adapters of any methods, blended where they act: base share * base + sum of weight * change. Values in training are used as they are.</summary>
/// <param name="Adapters">The adapters and their strengths, 1 to 8.</param>
/// <param name="BaseShare">Factor on the base's own output wherever one of the adapters acts; 1 = as it is.</param>
public sealed record ChatBlend(IReadOnlyList<ChatBlendPart> Adapters, double BaseShare = 1)
{
    /// <summary>Most adapters in one blend.</summary>
    public const int MostAdapters = 8;

    /// <summary>Everything that is wrong by itself, one sentence each.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (Adapters.Count is < 1 or > MostAdapters) problems.Add($"The blend has {Adapters.Count} adapters; expected 1 to {MostAdapters}.");
        problems.AddRange(Adapters.Where(part => !double.IsFinite(part.Weight)).Select(part => FormattableString.Invariant($"The weight of '{part.AdapterId}' is {part.Weight}; expected a number.")));
        if (!double.IsFinite(BaseShare) || BaseShare < 0) problems.Add(FormattableString.Invariant($"The share of the base is {BaseShare}; expected a number of at least 0."));
        problems.AddRange(Adapters.GroupBy(part => part.AdapterId, StringComparer.Ordinal).Where(same => same.Count() > 1).Select(same => $"The adapter '{same.Key}' is in the blend {same.Count()} times; expected once, with one weight."));
        return problems;
    }
}

/// <summary>One adapter of a blend.</summary>
/// <param name="AdapterId">The adapter, also one in training.</param>
/// <param name="Weight">Its strength: 0 = not at all, 1 = as it was trained.</param>
public sealed record ChatBlendPart(string AdapterId, double Weight = 1);

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
/// <param name="Prompt">On the pane's last piece, what was read for the answer; null where it failed before.</param>
public sealed record ChatPiece(int Pane, string Text, FinishReason? Finish, int Tokens, double TokensPerSecond,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ChatWindow? Window = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PromptUse? Prompt = null);

/// <summary>What was read for an answer.</summary>
/// <param name="Tokens">Tokens of the prompt.</param>
/// <param name="CachedTokens">How many of them needed no reading, because another answer began alike.</param>
public sealed record PromptUse(int Tokens, int CachedTokens);

/// <summary>Chats with the base and any adapters, while they train.</summary>
public interface IChatService
{
    /// <summary>Everything that is wrong with a request; empty when nothing is.</summary>
    Task<IReadOnlyList<string>> CheckAsync(ChatRequest request, CancellationToken ct = default);

    /// <summary>Streams the answers; cancelling ends all panes. One pane's failure does not touch the others.</summary>
    /// <exception cref="StudioException">The request has problems.</exception>
    IAsyncEnumerable<ChatPiece> StreamAsync(ChatRequest request, CancellationToken ct = default);
}
