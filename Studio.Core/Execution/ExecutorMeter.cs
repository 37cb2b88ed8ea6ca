using System.Diagnostics;
using Studio.Core.Models;

namespace Studio.Core.Execution;

/// <summary>Counts what an executor does. Adding takes no lock but the timeline's.</summary>
internal sealed class ExecutorMeter
{
    private readonly long[] _requests = new long[SizeHistogram.BucketOf(1 << 10) + 1];
    private readonly long[] _rowSizes = new long[SizeHistogram.BucketOf(1 << 20) + 1];
    private long _calls, _batches, _rows, _shared, _busyTicks, _multiplications;
    private double _best;

    /// <summary>The last products.</summary>
    public ExecutorTimeline Timeline { get; } = new();

    /// <summary>Floating-point operations a second of the fastest product.</summary>
    public double BestOperations => Volatile.Read(ref _best);

    /// <summary>All counters at this moment.</summary>
    public ExecutorCounters Read(IReadOnlyList<ClientCounters> clients) => new(
        Volatile.Read(ref _calls), Volatile.Read(ref _batches), Volatile.Read(ref _rows), Volatile.Read(ref _shared),
        TimeSpan.FromSeconds((double)Volatile.Read(ref _busyTicks) / Stopwatch.Frequency), clients)
    {
        Operations = 2.0 * Volatile.Read(ref _multiplications),
        RequestsPerBatch = Histogram(_requests),
        RowsPerBatch = Histogram(_rowSizes),
    };

    /// <summary>Counts a product that has just ended.</summary>
    /// <param name="start">Time stamp of its beginning.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="direction">Which way.</param>
    /// <param name="batch">Its requests.</param>
    /// <param name="rows">Their rows.</param>
    public void Add(long start, LayerDescription layer, CallDirection direction, IReadOnlyList<BaseRequest> batch, int rows)
    {
        long end = Stopwatch.GetTimestamp();
        Interlocked.Add(ref _busyTicks, end - start);
        Interlocked.Add(ref _calls, batch.Count);
        Interlocked.Increment(ref _batches);
        Interlocked.Add(ref _rows, rows);
        if (batch.Count > 1)
        {
            Interlocked.Add(ref _shared, batch.Count);
            foreach (var request in batch) request.Client.CountShared();
        }
        // The embedding is looked up, not multiplied.
        if (layer.Layer != LayerId.Embedding)
        {
            long multiplications = (long)rows * layer.InputFeatures * layer.OutputFeatures;
            Interlocked.Add(ref _multiplications, multiplications);
            Improve(2.0 * multiplications * Stopwatch.Frequency / Math.Max(1, end - start));
        }
        Count(_requests, batch.Count);
        Count(_rowSizes, rows);
        Timeline.Add(new ExecutorSpan(start, end, layer.Layer, direction, rows, batch.Count == 1 ? batch[0].Client.NameAlone : [.. batch.Select(request => request.Client.Options.Name)]));
    }

    private void Improve(double operations)
    {
        for (double seen = Volatile.Read(ref _best); operations > seen;)
        {
            double found = Interlocked.CompareExchange(ref _best, operations, seen);
            if (found == seen) return;
            seen = found;
        }
    }

    private static void Count(long[] histogram, long size) => Interlocked.Increment(ref histogram[Math.Min(SizeHistogram.BucketOf(size), histogram.Length - 1)]);

    private static SizeHistogram Histogram(long[] counts)
    {
        int last = Array.FindLastIndex(counts, count => count > 0);
        return new([.. counts.Take(last + 1)]);
    }
}
