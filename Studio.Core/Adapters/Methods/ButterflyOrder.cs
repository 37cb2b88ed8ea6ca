namespace Studio.Core.Adapters.Methods;

/// <summary>The order of a butterfly factor (Liu et al. 2023; PEFT <c>block_butterfly_perm</c>).</summary>
internal static class ButterflyOrder
{
    /// <summary>Features 0.. in the factor's order: within each of the equal stretches, the groups of even number come first, then the odd ones.</summary>
    /// <param name="features">Number of features.</param>
    /// <param name="stretches">Number of stretches; divides the features.</param>
    /// <param name="group">Features of a group; divides a stretch.</param>
    public static long[] Of(int features, int stretches, int group)
    {
        int length = features / stretches, groups = length / group, evens = (groups + 1) / 2;
        var order = new long[features];
        for (int i = 0; i < features; i++)
        {
            int place = i % length, rank = place / group;
            int source = rank < evens ? 2 * rank : 2 * (rank - evens) + 1;
            order[i] = i - place + source * group + place % group;
        }
        return order;
    }
}
