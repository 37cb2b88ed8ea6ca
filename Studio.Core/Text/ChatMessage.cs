namespace Studio.Core.Text;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">Who speaks: <c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>.</param>
/// <param name="Content">What is said, as plain text; markers of a chat template inside it are only text.</param>
public sealed record ChatMessage(string Role, string Content);
