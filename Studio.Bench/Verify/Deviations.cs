using System.Globalization;

namespace Studio.Bench.Verify;

/// <summary>Collects how far a case lies from its reference, each deviation against its own tolerance.</summary>
public sealed class Deviations
{
    private readonly List<Deviation> _all = [];

    /// <summary>Whether nothing exceeded its tolerance and at least one value was compared.</summary>
    public bool WithinTolerance => _all.Count > 0 && _all.TrueForAll(deviation => deviation.Allowed >= deviation.Value);

    /// <summary>Everything compared so far.</summary>
    public IReadOnlyList<Deviation> All => _all;

    /// <summary>Adds one number that must not exceed <paramref name="allowed"/>.</summary>
    public void Add(string what, double value, double allowed) => _all.Add(new Deviation(what, value, allowed));

    /// <summary>Compares two numbers.</summary>
    public void Compare(string what, double actual, double expected, double allowed) => Add(what, Math.Abs(actual - expected), allowed);

    /// <summary>Compares element by element; the largest absolute difference counts.</summary>
    public void Compare(string what, ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, double allowed)
    {
        if (actual.Length != expected.Length)
            throw new InvalidDataException($"{what} has {actual.Length} elements, the reference {expected.Length}.");
        Add(what, LargestDifference(actual, expected), allowed);
    }

    /// <summary>Counts the tokens that differ; none may.</summary>
    public void CompareTokens(string what, ReadOnlySpan<int> actual, ReadOnlySpan<int> expected)
    {
        if (actual.Length != expected.Length)
            throw new InvalidDataException($"{what} has {actual.Length} tokens, the reference {expected.Length}.");
        int different = 0;
        for (int i = 0; i < actual.Length; i++)
            if (actual[i] != expected[i]) different++;
        Add(what + " (tokens that differ)", different, 0);
    }

    /// <summary>The verdict's text: the deviation nearest to its tolerance, or everything beyond it.</summary>
    public string Describe()
    {
        if (_all.Count == 0) return "the reference holds nothing to compare with";
        var beyond = _all.Where(deviation => !(deviation.Value <= deviation.Allowed)).ToList();
        return beyond.Count == 0
            ? "largest deviation " + _all.MaxBy(deviation => deviation.Ratio)
            : string.Join("; ", beyond.OrderByDescending(deviation => deviation.Ratio).Take(5)) + (beyond.Count > 5 ? $"; and {beyond.Count - 5} more" : "");
    }

    /// <summary>Largest absolute difference; not a number where any element is not.</summary>
    public static double LargestDifference(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
    {
        double largest = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            double difference = Math.Abs((double)actual[i] - expected[i]);
            if (double.IsNaN(difference)) return double.NaN;
            largest = Math.Max(largest, difference);
        }
        return largest;
    }
}

/// <summary>One comparison.</summary>
/// <param name="What">What was compared.</param>
/// <param name="Value">How far it lies from the reference.</param>
/// <param name="Allowed">How far it may.</param>
public readonly record struct Deviation(string What, double Value, double Allowed)
{
    /// <summary>Part of the tolerance that is used up.</summary>
    public double Ratio => Allowed > 0 ? (double.IsNaN(Value) ? double.PositiveInfinity : Value / Allowed) : Value > 0 ? double.PositiveInfinity : 0;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value:0.0e+0} of {What} (allowed {Allowed:0.0e+0})");
}
