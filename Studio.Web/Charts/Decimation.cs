namespace Studio.Web.Charts;

/// <summary>Thins a curve out so that it looks the same: of each stretch of points its lowest and its highest stay.</summary>
public static class Decimation
{
    /// <summary>
    /// Indices of the points to keep, rising; the first and the last are among them. All of them where there are no more than
    /// <paramref name="most"/>. A value that is not a number counts as the lowest, so that the gap it makes stays visible.
    /// </summary>
    /// <param name="values">The curve.</param>
    /// <param name="most">The most points to keep, at least 4.</param>
    public static IReadOnlyList<int> Keep(IReadOnlyList<double> values, int most)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 4);
        if (values.Count <= most)
            return [.. Enumerable.Range(0, values.Count)];

        var kept = new List<int>(most) { 0 };
        var stretches = (most - 2) / 2;
        var inner = values.Count - 2;
        for (var stretch = 0; stretch < stretches; stretch++)
            AddExtremes(values, 1 + (int)((long)inner * stretch / stretches), 1 + (int)((long)inner * (stretch + 1) / stretches), kept);
        kept.Add(values.Count - 1);
        return kept;
    }

    private static void AddExtremes(IReadOnlyList<double> values, int start, int end, List<int> kept)
    {
        var (low, high) = (start, start);
        for (var index = start + 1; index < end; index++)
        {
            // CompareTo, unlike the operator, gives NaN a place: below every number.
            if (values[index].CompareTo(values[low]) < 0)
                low = index;
            if (values[index].CompareTo(values[high]) > 0)
                high = index;
        }
        kept.Add(Math.Min(low, high));
        if (low != high)
            kept.Add(Math.Max(low, high));
    }
}
