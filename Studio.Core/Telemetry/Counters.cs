using System.Collections.Concurrent;

namespace Studio.Core.Telemetry;

/// <summary>Values of a <see cref="Counters"/> at one moment.</summary>
/// <param name="Counts">Whole-number counters.</param>
/// <param name="Sums">Counters with fraction, e.g. seconds spent.</param>
/// <param name="Gauges">Values that were set.</param>
public sealed record CountersSnapshot(
    IReadOnlyDictionary<string, long> Counts, IReadOnlyDictionary<string, double> Sums, IReadOnlyDictionary<string, double> Gauges);

/// <summary>Named counters and gauges. Thread-safe; adding takes no lock.</summary>
public sealed class Counters
{
    private readonly ConcurrentDictionary<string, Cell> counts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Cell> sums = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Cell> gauges = new(StringComparer.Ordinal);

    /// <summary>Adds to a whole-number counter.</summary>
    public void Add(string name, long amount) => Interlocked.Add(ref Of(counts, name).Bits, amount);

    /// <summary>Adds one to a whole-number counter.</summary>
    public void Increment(string name) => Interlocked.Increment(ref Of(counts, name).Bits);

    /// <summary>Adds to a counter with fraction.</summary>
    public void AddSum(string name, double amount)
    {
        ref var bits = ref Of(sums, name).Bits;
        long seen, next;
        do
        {
            seen = Volatile.Read(ref bits);
            next = BitConverter.DoubleToInt64Bits(BitConverter.Int64BitsToDouble(seen) + amount);
        }
        while (Interlocked.CompareExchange(ref bits, next, seen) != seen);
    }

    /// <summary>Sets a gauge.</summary>
    public void Set(string name, double value) => Volatile.Write(ref Of(gauges, name).Bits, BitConverter.DoubleToInt64Bits(value));

    /// <summary>All values. Each is exact; two of them may be a moment apart.</summary>
    public CountersSnapshot Snapshot() => new(
        counts.ToDictionary(c => c.Key, c => Volatile.Read(ref c.Value.Bits), StringComparer.Ordinal),
        Doubles(sums),
        Doubles(gauges));

    private static Dictionary<string, double> Doubles(ConcurrentDictionary<string, Cell> cells) =>
        cells.ToDictionary(c => c.Key, c => BitConverter.Int64BitsToDouble(Volatile.Read(ref c.Value.Bits)), StringComparer.Ordinal);

    private static Cell Of(ConcurrentDictionary<string, Cell> cells, string name) => cells.GetOrAdd(name, static _ => new Cell());

    private sealed class Cell
    {
        public long Bits;
    }
}
