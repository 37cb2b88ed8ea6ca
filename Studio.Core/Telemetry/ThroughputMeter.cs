namespace Studio.Core.Telemetry;

/// <summary>Tokens per second over a sliding window. Thread-safe.</summary>
public sealed class ThroughputMeter
{
    // The window slides in steps of this fraction, which bounds memory however often tokens are added.
    private const int Slots = 50;

    private readonly TimeProvider time;
    private readonly TimeSpan window;
    private readonly TimeSpan slotLength;
    private readonly Lock gate = new();
    private readonly Queue<(long Slot, long Tokens)> slots = new();
    private readonly long start;
    private long current;
    private long tokensInCurrent;
    private long tokensInQueue;

    /// <summary>Begins to measure now.</summary>
    /// <param name="time">Clock.</param>
    /// <param name="window">Length of the window; default 10 seconds.</param>
    public ThroughputMeter(TimeProvider? time = null, TimeSpan? window = null)
    {
        this.time = time ?? TimeProvider.System;
        this.window = window ?? TimeSpan.FromSeconds(10);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(this.window, TimeSpan.Zero, nameof(window));
        slotLength = this.window / Slots;
        start = this.time.GetTimestamp();
    }

    /// <summary>Tokens per second over the window, or since the beginning while that is shorter; 0 at the very beginning.</summary>
    public double TokensPerSecond
    {
        get
        {
            lock (gate)
            {
                var elapsed = Advance();
                var span = elapsed < window ? elapsed : window;
                return span > TimeSpan.Zero ? (tokensInQueue + tokensInCurrent) / span.TotalSeconds : 0;
            }
        }
    }

    /// <summary>Counts tokens that were just processed.</summary>
    public void Add(long tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        lock (gate)
        {
            Advance();
            tokensInCurrent += tokens;
        }
    }

    private TimeSpan Advance()
    {
        var elapsed = time.GetElapsedTime(start);
        var slot = elapsed.Ticks / slotLength.Ticks;
        if (slot != current)
        {
            slots.Enqueue((current, tokensInCurrent));
            tokensInQueue += tokensInCurrent;
            (current, tokensInCurrent) = (slot, 0);
        }

        while (slots.TryPeek(out var oldest) && oldest.Slot <= slot - Slots)
        {
            slots.Dequeue();
            tokensInQueue -= oldest.Tokens;
        }

        return elapsed;
    }
}
