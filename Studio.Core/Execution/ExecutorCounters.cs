namespace Studio.Core.Execution;

/// <summary>Counters of one client.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Calls">Base calls.</param>
/// <param name="Rows">Rows through the base, both directions.</param>
/// <param name="Waited">Time spent waiting: <see cref="HeldOff"/>, and for batch-mates or behind them.</param>
/// <param name="InPass">Whether a pass is under way.</param>
public sealed record ClientCounters(string Name, long Calls, long Rows, TimeSpan Waited, bool InPass)
{
    /// <summary>Part of <see cref="Waited"/> in which interactive passes held it off.</summary>
    public TimeSpan HeldOff { get; init; }

    /// <summary>Its calls that shared a product with another client.</summary>
    public long SharedCalls { get; init; }

    /// <summary>Whether it serves chats rather than trains.</summary>
    public bool Interactive { get; init; }
}

/// <summary>Counters of an executor since its start.</summary>
/// <param name="Calls">Requests answered.</param>
/// <param name="Batches">Products run; fewer than calls where clients shared one.</param>
/// <param name="Rows">Rows answered, both directions.</param>
/// <param name="SharedCalls">Requests that shared a product with another client.</param>
/// <param name="Busy">Time in products, summed over threads.</param>
/// <param name="Clients">Attached clients.</param>
public sealed record ExecutorCounters(long Calls, long Batches, long Rows, long SharedCalls, TimeSpan Busy, IReadOnlyList<ClientCounters> Clients)
{
    /// <summary>Floating-point operations of all products: 2 x rows x weights.</summary>
    public double Operations { get; init; }

    /// <summary>Products by requests in them.</summary>
    public SizeHistogram RequestsPerBatch { get; init; } = SizeHistogram.Empty;

    /// <summary>Products by rows in them.</summary>
    public SizeHistogram RowsPerBatch { get; init; } = SizeHistogram.Empty;
}

/// <summary>How often something had which size, in buckets that double: bucket 0 holds 0 and 1, bucket i from 2^(i-1) + 1 up to 2^i.</summary>
/// <param name="Counts">How often, by bucket.</param>
public sealed record SizeHistogram(IReadOnlyList<long> Counts)
{
    /// <summary>Nothing counted.</summary>
    public static SizeHistogram Empty { get; } = new([]);

    /// <summary>All that was counted.</summary>
    public long Total => Counts.Sum();

    /// <summary>Smallest size of a bucket.</summary>
    public static long From(int bucket) => bucket == 0 ? 1 : (1L << (bucket - 1)) + 1;

    /// <summary>Largest size of a bucket.</summary>
    public static long To(int bucket) => 1L << bucket;

    /// <summary>The bucket of a size.</summary>
    public static int BucketOf(long size) => size <= 1 ? 0 : 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)(size - 1));

    /// <summary>What was counted since an earlier reading of the same histogram.</summary>
    public SizeHistogram Since(SizeHistogram earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        return new([.. Counts.Select((count, bucket) => count - (bucket < earlier.Counts.Count ? earlier.Counts[bucket] : 0))]);
    }
}
