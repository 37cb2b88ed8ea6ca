namespace Studio.Core.Data;

/// <summary>
/// A sequence to train on. The label at position t is <c>Ids[t + 1]</c> where <c>Trained[t + 1]</c>, and nothing elsewhere: the first token
/// is never a label.
/// </summary>
/// <param name="Ids">The tokens.</param>
/// <param name="Trained">For each token, whether it is learned; as long as <paramref name="Ids"/>.</param>
public sealed record TrainingSample(int[] Ids, bool[] Trained)
{
    /// <summary>The length in tokens.</summary>
    public int Length => Ids.Length;

    /// <summary>How many labels there are.</summary>
    public int TrainedTokens => Trained.Skip(1).Count(trained => trained);
}
