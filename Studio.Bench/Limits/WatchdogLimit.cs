namespace Studio.Bench.Limits;

/// <summary>Looks at the processes every 20 ms and ends all of them once the sum of their proportional set sizes is above the limit.</summary>
internal sealed class WatchdogLimit : MemoryLimit
{
    private readonly Sampler _sampler;
    private volatile bool _exceeded;

    /// <summary>Begins to look.</summary>
    public WatchdogLimit(long bytes) => _sampler = new Sampler(() =>
    {
        // Resident sets are read in microseconds, proportional ones in milliseconds, and are never larger.
        if (!_exceeded && (Processes.ResidentBytes() <= bytes || Processes.Read().ProportionalBytes <= bytes)) return;
        _exceeded = true;
        Processes.Kill(); // and what is started later
    });

    /// <inheritdoc/>
    public override string Name => "watchdog";

    /// <inheritdoc/>
    public override bool Exceeded => _exceeded;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        try
        {
            _sampler.Dispose();
        }
        finally
        {
            base.Dispose(disposing);
        }
    }
}
