using System.Collections.Concurrent;

namespace Studio.Core.Runs.Admission;

/// <summary>
/// For each base model, how much more or less memory its steps take than calculated. Follows what is measured, upward quickly and downward slowly: a forecast that is
/// too low costs a run, one that is too high a wait. Thread-safe.
/// </summary>
public sealed class ForecastCalibration
{
    /// <summary>The smallest factor.</summary>
    public const double Least = 0.5;

    /// <summary>The largest factor.</summary>
    public const double Most = 2;

    private const double Upward = 0.5, Downward = 0.1;

    private readonly ConcurrentDictionary<string, double> _factors = new(StringComparer.Ordinal);

    /// <summary>Factor on the calculated figures of a step; 1 while nothing was measured.</summary>
    public double FactorOf(string modelId) => _factors.GetValueOrDefault(modelId, 1);

    /// <summary>Takes a measurement in.</summary>
    /// <param name="modelId">The base model.</param>
    /// <param name="ratio">Measured to what the run's largest micro-batch was calculated to take: a figure above the factor raises it.</param>
    /// <param name="own">
    /// Measured to what the step's own micro-batches were calculated to take, where no other step ran beside: a figure below the factor lowers it. Null in company, where a
    /// low figure may only say that the others were between their peaks.
    /// </param>
    public void Report(string modelId, double ratio, double? own)
    {
        if (!double.IsFinite(ratio)) throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "Expected a finite number.");
        _factors.AddOrUpdate(modelId, _ => Next(1), (_, factor) => Next(factor));

        double Next(double factor)
        {
            if (Math.Min(ratio, Most) is var more && more > factor) return factor + Upward * (more - factor);
            return own is { } less && less < factor ? factor + Downward * (Math.Max(less, Least) - factor) : factor;
        }
    }
}
