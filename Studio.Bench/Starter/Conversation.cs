using Studio.Core.Text;

namespace Studio.Bench.Starter;

/// <summary>A whole chat: an optional system message, then user and assistant in turns, ending with the assistant.</summary>
public sealed record Conversation(IReadOnlyList<ChatMessage> Messages);
