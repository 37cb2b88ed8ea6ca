namespace Studio.Tests.Telemetry;

/// <summary>A clock that moves only when told; timers fire on the thread that moves it.</summary>
internal sealed class TestTimeProvider : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<TestTimer> timers = [];
    private DateTimeOffset now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => now;

    public override long GetTimestamp() => now.UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new TestTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        lock (gate)
        {
            timers.Add(timer);
        }

        return timer;
    }

    /// <summary>Moves the clock, firing what falls due in order. Zero fires what is due now.</summary>
    public void Advance(TimeSpan by)
    {
        var end = now + by;
        while (NextDue(end) is { } timer)
        {
            now = timer.Due > now ? timer.Due : now;
            timer.Fire();
        }

        now = end;
    }

    private TestTimer? NextDue(DateTimeOffset end)
    {
        lock (gate)
        {
            return timers.Where(t => t.Due <= end).MinBy(t => t.Due);
        }
    }

    private sealed class TestTimer(TestTimeProvider clock, Action callback) : ITimer
    {
        private TimeSpan period;

        public DateTimeOffset Due { get; private set; } = DateTimeOffset.MaxValue;

        public bool Change(TimeSpan dueTime, TimeSpan newPeriod)
        {
            period = newPeriod;
            Due = dueTime == Timeout.InfiniteTimeSpan ? DateTimeOffset.MaxValue : clock.now + dueTime;
            return true;
        }

        public void Fire()
        {
            Due = period == Timeout.InfiniteTimeSpan ? DateTimeOffset.MaxValue : Due + period;
            callback();
        }

        public void Dispose()
        {
            lock (clock.gate)
            {
                clock.timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
