using Studio.Core.Telemetry;

namespace Studio.Core.Hub;

/// <summary>How far a download is. Written by the download, read by anybody.</summary>
public sealed class HubProgress(TimeProvider? time = null)
{
    private readonly ThroughputMeter _meter = new(time);
    private long _total;
    private long _done;
    private volatile string _file = "";

    /// <summary>Raised when something changed, on the downloading thread and often; handlers are quick.</summary>
    public event Action? Changed;

    /// <summary>Bytes of everything; 0 until it is known.</summary>
    public long TotalBytes => Interlocked.Read(ref _total);

    /// <summary>Bytes that are there.</summary>
    public long DoneBytes => Interlocked.Read(ref _done);

    /// <summary>File that comes now; empty between files.</summary>
    public string File => _file;

    /// <summary>Bytes that arrived per second over the last seconds.</summary>
    public double BytesPerSecond => _meter.TokensPerSecond;

    /// <summary>Estimated time until the end; null while nothing arrives.</summary>
    public TimeSpan? Remaining => BytesPerSecond is > 1 and var speed && TotalBytes > 0
        ? TimeSpan.FromSeconds(Math.Min(Math.Max(0, TotalBytes - DoneBytes) / speed, TimeSpan.FromDays(99).TotalSeconds)) : null;

    internal void Plan(long totalBytes)
    {
        Interlocked.Exchange(ref _total, totalBytes);
        Changed?.Invoke();
    }

    internal void Begin(string file)
    {
        _file = file;
        Changed?.Invoke();
    }

    /// <summary>Bytes that were there from before, or (negative) that have to come again.</summary>
    internal void Correct(long bytes)
    {
        Interlocked.Add(ref _done, bytes);
        Changed?.Invoke();
    }

    internal void Arrived(long bytes)
    {
        _meter.Add(bytes);
        Correct(bytes);
    }
}
