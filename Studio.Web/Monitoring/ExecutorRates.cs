using Studio.Core.Execution;

namespace Studio.Web.Monitoring;

/// <summary>What an executor did per second lately.</summary>
/// <param name="Calls">Base calls a second.</param>
/// <param name="Rows">Rows a second.</param>
/// <param name="Batches">Products a second.</param>
/// <param name="SharedCalls">Calls a second that shared a product.</param>
/// <param name="Busy">Seconds in products per second: how many threads computed on average.</param>
public sealed record ExecutorRate(double Calls, double Rows, double Batches, double SharedCalls, double Busy)
{
    /// <summary>Nothing.</summary>
    public static ExecutorRate Zero { get; } = new(0, 0, 0, 0, 0);

    /// <summary>Calls that one product answered on average; null while there was none.</summary>
    public double? MeanBatch => Batches > 0 ? Calls / Batches : null;
}

/// <summary>Turns counters that only grow into rates over a sliding window.</summary>
/// <param name="clock">Clock.</param>
/// <param name="window">Length of the window.</param>
public sealed class ExecutorRates(TimeProvider clock, TimeSpan window)
{
    private readonly Queue<(long At, ExecutorCounters Counters)> _readings = new();

    /// <summary>Adds a reading of now and returns the rates over the window; zero at the first.</summary>
    public ExecutorRate Next(ExecutorCounters counters)
    {
        ArgumentNullException.ThrowIfNull(counters);
        var now = clock.GetTimestamp();
        // A model that was loaded again under its id counts from zero.
        if (_readings.Count > 0 && _readings.Last().Counters.Calls > counters.Calls)
            _readings.Clear();
        _readings.Enqueue((now, counters));
        while (_readings.Count > 2 && clock.GetElapsedTime(_readings.Peek().At, now) > window)
            _readings.Dequeue();
        var (at, before) = _readings.Peek();
        var seconds = clock.GetElapsedTime(at, now).TotalSeconds;
        return seconds <= 0 ? ExecutorRate.Zero : new ExecutorRate(
            (counters.Calls - before.Calls) / seconds,
            (counters.Rows - before.Rows) / seconds,
            (counters.Batches - before.Batches) / seconds,
            (counters.SharedCalls - before.SharedCalls) / seconds,
            (counters.Busy - before.Busy).TotalSeconds / seconds);
    }
}
