using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Studio.Core.Telemetry;

/// <summary>One line of an <see cref="EventLog"/>.</summary>
/// <param name="Index">Position among all lines of its owner, from 1.</param>
/// <param name="Time">When it was written, UTC.</param>
/// <param name="Level">Severity.</param>
/// <param name="Text">The text.</param>
public readonly record struct EventLine(long Index, DateTimeOffset Time, LogLevel Level, string Text);

/// <summary>Keeps the newest lines of each owner's log. Thread-safe.</summary>
public sealed class EventLog
{
    private readonly int capacity;
    private readonly TimeProvider time;
    private readonly ConcurrentDictionary<string, OwnerLog> owners = new(StringComparer.Ordinal);

    /// <summary>Creates a log that keeps up to <paramref name="capacity"/> lines of each owner.</summary>
    public EventLog(ChangeSignal changes, int capacity = 1000, TimeProvider? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Changes = changes;
        this.capacity = capacity;
        this.time = time ?? TimeProvider.System;
    }

    /// <summary>Signals the owner of each line.</summary>
    public ChangeSignal Changes { get; }

    /// <summary>Appends a line.</summary>
    public void Append(string owner, LogLevel level, string text) => Append(owner, time.GetUtcNow(), level, text);

    /// <summary>Appends a line that was written at another time, for a log that is loaded from disk.</summary>
    public void Append(string owner, DateTimeOffset writtenAt, LogLevel level, string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        ArgumentNullException.ThrowIfNull(text);
        owners.GetOrAdd(owner, static (_, capacity) => new OwnerLog(capacity), capacity).Append(writtenAt, level, text);
        Changes.Signal(owner);
    }

    /// <summary>
    /// Lines of an owner with an index greater than <paramref name="afterIndex"/> (0 for all that are kept), oldest first. A first line whose
    /// index is not <paramref name="afterIndex"/> + 1 tells that lines in between are no longer kept.
    /// </summary>
    public IReadOnlyList<EventLine> Read(string owner, long afterIndex = 0) =>
        owners.TryGetValue(owner, out var log) ? log.Read(afterIndex) : [];

    /// <summary>Forgets the lines of an owner.</summary>
    public void Remove(string owner)
    {
        if (owners.TryRemove(owner, out _))
        {
            Changes.Signal(owner);
        }
    }

    private sealed class OwnerLog(int capacity)
    {
        private readonly Lock gate = new();
        private readonly Queue<EventLine> lines = new();
        private long lastIndex;

        public void Append(DateTimeOffset time, LogLevel level, string text)
        {
            lock (gate)
            {
                if (lines.Count == capacity)
                {
                    lines.Dequeue();
                }

                lines.Enqueue(new EventLine(++lastIndex, time, level, text));
            }
        }

        public IReadOnlyList<EventLine> Read(long afterIndex)
        {
            lock (gate)
            {
                return [.. lines.Where(l => l.Index > afterIndex)];
            }
        }
    }
}
