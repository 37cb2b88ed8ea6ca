using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Studio.Core.Telemetry;

/// <summary>
/// A subscriber of a <see cref="ChangeSignal"/>. However often it is signalled, its callback runs at most once per interval and never
/// twice at once; a signal that comes during an interval or during a callback is answered by one more call at its end.
/// </summary>
public sealed class CoalescingSubscription : IDisposable
{
    private readonly ChangeSignal source;
    private readonly Func<Task> callback;
    private readonly TimeSpan interval;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly ITimer timer;
    private readonly Lock gate = new();
    private long? lastCall;
    private bool signalled;
    private bool calling;
    private bool disposed;

    internal CoalescingSubscription(ChangeSignal source, string? owner, Func<Task> callback, TimeSpan interval, TimeProvider time, ILogger log)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, TimeSpan.Zero);
        this.source = source;
        this.callback = callback;
        this.interval = interval;
        this.time = time;
        this.log = log;
        Owner = owner;
        timer = time.CreateTimer(_ => _ = CallAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whose changes it hears of; null for everybody's.</summary>
    public string? Owner { get; }

    /// <summary>No callback begins after this returns; one that is running finishes.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed)
            {
                return;
            }

            disposed = true;
        }

        timer.Dispose();
        source.Remove(this);
    }

    internal void Signal()
    {
        // The lock also orders memory: whoever signalled has written its data, and the callback that clears the flag will see it.
        lock (gate)
        {
            if (disposed || signalled)
            {
                return;
            }

            signalled = true;
            if (!calling)
            {
                Arm();
            }
        }
    }

    private void Arm()
    {
        var wait = lastCall is { } last ? interval - time.GetElapsedTime(last) : TimeSpan.Zero;
        timer.Change(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    [SuppressMessage("Design", "CA1031", Justification = "A subscriber's failure is logged; it must not reach the timer thread or other subscribers.")]
    private async Task CallAsync()
    {
        lock (gate)
        {
            if (disposed || calling || !signalled)
            {
                return;
            }

            signalled = false;
            calling = true;
            lastCall = time.GetTimestamp();
        }

        try
        {
            await callback().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            log.LogError(e, "A subscriber to the changes of {Owner} failed.", Owner ?? "everything");
        }

        lock (gate)
        {
            calling = false;
            if (signalled && !disposed)
            {
                Arm();
            }
        }
    }
}
