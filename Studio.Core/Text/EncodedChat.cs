namespace Studio.Core.Text;

/// <summary>A conversation as tokens.</summary>
/// <param name="Ids">The tokens.</param>
/// <param name="Trained">For each token, whether a fine-tune learns to write it; as long as <paramref name="Ids"/>.</param>
public sealed record EncodedChat(int[] Ids, bool[] Trained);
