namespace Studio.Core.Text.Jinja.Values;

/// <summary>A Python range; its items exist only while they are looked at.</summary>
internal sealed record JinjaRange(long Start, long Step, int Count)
{
    public long this[int index] => Start + index * Step;

    public long Stop => Start + Count * Step;

    /// <exception cref="JinjaFault">More than <paramref name="largest"/> items, or a step of zero.</exception>
    public static JinjaRange Create(long start, long stop, long step, int largest)
    {
        if (step == 0) throw JinjaFault.Value("range() arg 3 must not be zero");
        Int128 distance = step > 0 ? (Int128)stop - start : (Int128)start - stop;
        Int128 width = step > 0 ? step : -(Int128)step;
        Int128 count = distance <= 0 ? 0 : (distance + width - 1) / width;
        if (count > largest) throw JinjaFault.Limit($"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({largest}).");
        return new JinjaRange(start, step, (int)count) { WrittenStop = stop };
    }

    /// <summary>The stop as it was given, for printing.</summary>
    public long WrittenStop { get; init; } = Start + Count * Step;
}
