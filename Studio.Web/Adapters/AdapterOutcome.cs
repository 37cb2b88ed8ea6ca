namespace Studio.Web.Adapters;

/// <summary>What an action on an adapter is doing or has come to.</summary>
/// <param name="Text">In words.</param>
/// <param name="Href">Where it can be seen, if anywhere.</param>
/// <param name="LinkText">Text of the link.</param>
public sealed record AdapterOutcome(string Text, string? Href = null, string LinkText = "");
