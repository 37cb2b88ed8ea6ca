namespace Studio.Core.Models.Families;

/// <summary>Slopes of linear position biases per head (Press et al. 2022), which families extend differently to head counts that are no power of two.</summary>
public static class AlibiSlopes
{
    /// <summary>The slopes of the next lower power of two, then every other slope of the next higher one (BLOOM, Falcon).</summary>
    public static IReadOnlyList<double> LowerPowerFirst(int heads)
    {
        int lower = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)heads + 1) / 2;
        return [.. Series(lower, 8).Concat(Series(2 * lower, 8).Where((_, i) => i % 2 == 0)).Take(heads)];
    }

    /// <summary>Every other slope of the next higher power of two from the second on, then those between (MPT).</summary>
    /// <param name="heads">Number of heads.</param>
    /// <param name="maximum">Exponent of the last slope.</param>
    public static IReadOnlyList<double> HigherPowerFirst(int heads, double maximum)
    {
        int higher = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)heads);
        var all = Series(higher, maximum).ToList();
        return higher == heads ? all : [.. all.Where((_, i) => i % 2 == 1).Concat(all.Where((_, i) => i % 2 == 0)).Take(heads)];
    }

    // 2^(-m/n), 2^(-2m/n), ..., 2^-m.
    private static IEnumerable<double> Series(int count, double maximum) => Enumerable.Range(1, count).Select(i => Math.Pow(2, -maximum * i / count));
}
