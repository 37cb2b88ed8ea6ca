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
    /// <param name="ratio">Measured to calculated.</param>
    /// <param name="alone">Whether no other step ran beside: only then a low figure says that the step takes little, and not that the others were between their peaks.</param>
    public void Report(string modelId, double ratio, bool alone)
    {
        if (!double.IsFinite(ratio)) throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "Expected a finite number.");
        _factors.AddOrUpdate(modelId, _ => Next(1), (_, factor) => Next(factor));

        double Next(double factor)
        {
            double wanted = Math.Clamp(ratio, Least, Most);
            return wanted > factor ? factor + Upward * (wanted - factor) : alone ? factor + Downward * (wanted - factor) : factor;
        }
    }
}
