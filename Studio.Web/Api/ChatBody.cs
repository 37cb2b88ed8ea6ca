using Studio.Core.Generation;
using Studio.Core.Serving;
using Studio.Core.Text;

namespace Studio.Web.Api;

/// <summary>Body of a chat request: several panes, or one conversation.</summary>
/// <param name="ModelId">A loaded base model; absent = the one that the first adapter was made for, else the default.</param>
/// <param name="Panes">Up to 16 conversations that are answered at once; exclusive with <paramref name="Messages"/>.</param>
/// <param name="Messages">One conversation, its last message the user's.</param>
/// <param name="AdapterId">Who answers <paramref name="Messages"/>: an adapter, also one in training; absent = the plain base.</param>
/// <param name="Sampling">How tokens are chosen; absent members are the model's.</param>
/// <param name="Stream">Whether pieces are sent as they come (default), or whole answers at the end.</param>
/// <param name="WhenTooLong">What happens to a conversation that is longer than the context: it is refused (default), or its oldest turns are left out.</param>
public sealed record ChatBody(string? ModelId = null, IReadOnlyList<ChatPaneBody>? Panes = null, IReadOnlyList<ChatMessage>? Messages = null,
    string? AdapterId = null, SamplingChanges? Sampling = null, bool Stream = true, TooLong WhenTooLong = TooLong.Refuse);

/// <summary>One conversation and who answers it.</summary>
/// <param name="Messages">The messages, the last one the user's.</param>
/// <param name="AdapterId">An adapter, also one in training; absent = the plain base.</param>
/// <param name="Blend">Several adapters that answer as one; exclusive with <paramref name="AdapterId"/>.</param>
public sealed record ChatPaneBody(IReadOnlyList<ChatMessage> Messages, string? AdapterId = null, ChatBlend? Blend = null);
