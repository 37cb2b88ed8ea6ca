namespace Studio.Core.Serving;

/// <summary>What of a conversation and its answer the model's context holds, where that is not everything.</summary>
/// <param name="ContextLength">Tokens that the context holds, prompt and answer together.</param>
/// <param name="ConversationTokens">Tokens of the whole conversation.</param>
/// <param name="PromptTokens">Tokens that the model is given.</param>
/// <param name="DroppedMessages">How many of the oldest messages after the system message were left out.</param>
/// <param name="MaxNewTokens">Tokens that the answer can have; less than was asked for where the context ends before.</param>
public sealed record ChatWindow(int ContextLength, int ConversationTokens, int PromptTokens, int DroppedMessages, int MaxNewTokens);
