namespace Studio.Web.Charts;

/// <summary>
/// Exponential moving average with the start corrected as in Adam (Kingma and Ba 2015, section 3): m = w m + (1 - w) x, shown as
/// m / (1 - w^n). The first value is shown as it is. Values that are not finite pass through and change nothing.
/// </summary>
/// <param name="weight">Weight of the past, 0 (none) to below 1.</param>
public sealed class ExponentialSmoothing(double weight)
{
    /// <summary>The largest weight that pages offer.</summary>
    public const double MaximumWeight = 0.99;

    private readonly double weight = weight is >= 0 and < 1
        ? weight
        : throw new ArgumentOutOfRangeException(nameof(weight), weight, "A smoothing weight is at least 0 and below 1.");

    private double average;
    private double pastWeight = 1;

    /// <summary>Takes the next value and returns the smoothed one.</summary>
    public double Next(double value)
    {
        if (!double.IsFinite(value))
            return value;
        average = (weight * average) + ((1 - weight) * value);
        pastWeight *= weight;
        return average / (1 - pastWeight);
    }
}
