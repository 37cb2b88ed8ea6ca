namespace Studio.Core.Runs.Admission;

/// <summary>
/// Measures what training steps take: while one is in flight, the process's memory is read every 50 ms, and its growth over what is there without steps is shared
/// among the steps in flight in proportion to what was expected of them. What other owners hold (the ledger knows) does not count.
/// </summary>
/// <param name="nativeBytes">Memory of the process without the managed heap.</param>
/// <param name="heldBytes">What owners hold of it beside steps in flight.</param>
/// <param name="returnFreed">Gives memory that was freed and is kept for later back to the system.</param>
/// <param name="calibration">Learns from it.</param>
/// <param name="time">Clock.</param>
internal sealed class StepMeter(Func<long> nativeBytes, Func<long> heldBytes, Action returnFreed, ForecastCalibration calibration, TimeProvider time) : IDisposable
{
    /// <summary>Time between two readings.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    // Below this the runtime's own ups and downs are as large as the step.
    private const long LeastToLearn = 16 << 20;

    // Allocators keep freed memory for a while: what recent steps were expected to take explains what is there, less and less with every step.
    private const double Forgetting = 0.98;

    private readonly Lock _gate = new();
    private readonly List<StepInFlight> _steps = [];
    private ITimer? _timer;
    private long? _floor;
    private double _explained;
    private int _starts;

    /// <summary>Memory of the process that no owner holds and no step takes: the runtime and its libraries. The lowest that was seen without steps since <see cref="Settle"/>.</summary>
    public long Floor
    {
        get
        {
            lock (_gate)
            {
                if (_steps.Count == 0) Lower();
                return _floor ?? 0;
            }
        }
    }

    /// <summary>Says that a step begins; dispose what it returns when the step has ended.</summary>
    /// <param name="modelId">Its base model.</param>
    /// <param name="expected">Calculated bytes of a step with the largest micro-batch, without any factor.</param>
    public StepInFlight Begin(string modelId, long expected)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(expected);
        var step = new StepInFlight(this, modelId, expected);
        lock (_gate)
        {
            if (_steps.Count == 0)
            {
                // The first step also brought what stays for good: kernels, threads, tables.
                if (++_starts == 2) SettleLocked();
                double kept = Lower();
                _explained = Math.Min(_explained, kept);
                _timer ??= time.CreateTimer(_ => Read(), null, Interval, Interval);
                _timer.Change(Interval, Interval);
            }
            _steps.Add(step);
            _explained = Math.Max(_explained, Expected);
            foreach (var each in _steps) each.Alone &= _steps.Count == 1 && _explained <= each.Expected;
        }
        return step;
    }

    /// <summary>Returns what was freed to the system and takes what is left as the new floor; nothing while a step is in flight.</summary>
    public void Settle()
    {
        lock (_gate)
        {
            if (_steps.Count == 0) SettleLocked();
        }
    }

    /// <summary>Ends the readings.</summary>
    public void Dispose() => _timer?.Dispose();

    private double Expected => _steps.Sum(step => (double)step.Expected);

    /// <summary>Reads the memory once; the timer does it.</summary>
    internal void Read()
    {
        lock (_gate)
        {
            if (_steps.Count == 0 || _floor is not { } floor) return;
            double ratio = Math.Max(0, nativeBytes() - heldBytes() - floor) / Math.Max(1, _explained);
            foreach (var step in _steps) step.Saw(ratio);
        }
    }

    private void SettleLocked()
    {
        returnFreed();
        _floor = nativeBytes() - heldBytes();
    }

    // Returns what is there above the floor.
    private long Lower()
    {
        long now = nativeBytes() - heldBytes();
        _floor = Math.Min(_floor ?? now, now);
        return now - _floor.Value;
    }

    private void End(StepInFlight step)
    {
        lock (_gate)
        {
            if (!_steps.Remove(step)) return;
            _explained = Math.Max(Expected, _explained * Forgetting);
            if (_steps.Count == 0) _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        if (step.Ratio is { } ratio && step.Expected >= LeastToLearn) calibration.Report(step.ModelId, ratio, step.Alone && step.Own > 0 ? ratio * step.Expected / step.Own : null);
    }

    /// <summary>A step while it is measured.</summary>
    internal sealed class StepInFlight(StepMeter meter, string modelId, long expected) : IDisposable
    {
        /// <summary>Its base model.</summary>
        public string ModelId => modelId;

        /// <summary>What it was expected to take.</summary>
        public long Expected { get; } = expected;

        /// <summary>What it was expected to take with the micro-batches that it had; default: the largest.</summary>
        public long Own { get; set; } = expected;

        /// <summary>Whether no other step explains any of the memory.</summary>
        public bool Alone { get; set; } = true;

        /// <summary>The most it was measured to take, to what was expected; null where it was over before a reading.</summary>
        public double? Ratio { get; private set; }

        /// <summary>The same in bytes.</summary>
        public long? Bytes => Ratio is { } ratio ? (long)(ratio * Expected) : null;

        /// <summary>Takes a reading in.</summary>
        public void Saw(double ratio) => Ratio = Math.Max(Ratio ?? 0, ratio);

        /// <summary>Says that it has ended.</summary>
        public void Dispose() => meter.End(this);
    }
}
