namespace Studio.Core.Telemetry;

/// <summary>
/// Estimates the time that a number of steps will still take: an exponential moving average of the time per step,
/// corrected for its start (as Adam's moments are), so that it is right from the second report on. Thread-safe.
/// </summary>
public sealed class EtaEstimator
{
    private readonly TimeProvider time;
    private readonly double decay;
    private readonly Lock gate = new();
    private long? lastTime;
    private long lastStep;
    private double weightedSeconds;
    private double weight;

    /// <summary>Creates an estimator whose memory halves every <paramref name="halfLifeSteps"/> steps.</summary>
    public EtaEstimator(TimeProvider? time = null, double halfLifeSteps = 20)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(halfLifeSteps);
        this.time = time ?? TimeProvider.System;
        decay = Math.Pow(0.5, 1 / halfLifeSteps);
    }

    /// <summary>Says that <paramref name="step"/> steps are done now. The first report sets the starting point; going back begins a new count.</summary>
    public void Report(long step)
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            if (lastTime is { } before && step > lastStep)
            {
                var steps = step - lastStep;
                var kept = Math.Pow(decay, steps);
                weightedSeconds = (weightedSeconds * kept) + (time.GetElapsedTime(before, now).TotalSeconds / steps * (1 - kept));
                weight = (weight * kept) + (1 - kept);
            }

            (lastTime, lastStep) = (now, step);
        }
    }

    /// <summary>The time until the next report counts for nothing: the run is paused. What is known of its pace stays.</summary>
    public void Pause()
    {
        lock (gate)
        {
            lastTime = null;
        }
    }

    /// <summary>Time until <paramref name="totalSteps"/> steps are done; null while the pace is unknown.</summary>
    public TimeSpan? Remaining(long totalSteps)
    {
        lock (gate)
        {
            if (weight == 0)
            {
                return null;
            }

            var sinceReport = lastTime is { } last ? time.GetElapsedTime(last).TotalSeconds : 0;
            var perStep = weightedSeconds / weight;

            // A step that takes longer than usual does not make the ones after it shorter.
            var seconds = (Math.Max(0, totalSteps - lastStep) * perStep) - Math.Min(sinceReport, perStep);
            return TimeSpan.FromSeconds(Math.Min(Math.Max(0, seconds), TimeSpan.MaxValue.TotalSeconds / 2));
        }
    }
}
