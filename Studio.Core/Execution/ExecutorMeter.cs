using System.Diagnostics;
using Studio.Core.Models;

namespace Studio.Core.Execution;

/// <summary>Counts what an executor does. Thread-safe; a reading is of one moment.</summary>
internal sealed class ExecutorMeter
{
    private readonly Lock _gate = new();
    private readonly long[] _requests = new long[SizeHistogram.BucketOf(1 << 10) + 1];
    private readonly long[] _rowSizes = new long[SizeHistogram.BucketOf(1 << 20) + 1];
    private long _calls, _batches, _rows, _shared, _busyTicks, _multiplications;
    private double _best;

    /// <summary>The last products.</summary>
    public ExecutorTimeline Timeline { get; } = new();

    /// <summary>Floating-point operations a second of the fastest product.</summary>
    public double BestOperations
    {
        get
        {
            lock (_gate) return _best;
        }
    }

    /// <summary>All counters at this moment.</summary>
    public ExecutorCounters Read(IReadOnlyList<ClientCounters> clients)
    {
        lock (_gate)
        {
            return new(_calls, _batches, _rows, _shared, TimeSpan.FromSeconds((double)_busyTicks / Stopwatch.Frequency), clients)
            {
                Operations = 2.0 * _multiplications,
                RequestsPerBatch = Histogram(_requests),
                RowsPerBatch = Histogram(_rowSizes),
            };
        }
    }

    /// <summary>Counts a product that has just ended.</summary>
    /// <param name="start">Time stamp of its beginning.</param>
    /// <param name="end">Time stamp of its end.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="direction">Which way.</param>
    /// <param name="batch">Its requests.</param>
    /// <param name="rows">Their rows.</param>
    public void Add(long start, long end, LayerDescription layer, CallDirection direction, IReadOnlyList<BaseRequest> batch, int rows)
    {
        // The embedding is looked up, not multiplied.
        long multiplications = layer.Layer == LayerId.Embedding ? 0 : (long)rows * layer.InputFeatures * layer.OutputFeatures;
        lock (_gate)
        {
            _busyTicks += end - start;
            _calls += batch.Count;
            _batches++;
            _rows += rows;
            _multiplications += multiplications;
            if (batch.Count > 1) _shared += batch.Count;
            _best = Math.Max(_best, 2.0 * multiplications * Stopwatch.Frequency / Math.Max(1, end - start));
            Count(_requests, batch.Count);
            Count(_rowSizes, rows);
        }
        if (batch.Count > 1) foreach (var request in batch) request.Client.CountShared();
        Timeline.Add(new ExecutorSpan(start, end, layer.Layer, direction, rows, batch.Count == 1 ? batch[0].Client.NameAlone : [.. batch.Select(request => request.Client.Options.Name)]));
    }

    private static void Count(long[] histogram, long size) => histogram[Math.Min(SizeHistogram.BucketOf(size), histogram.Length - 1)]++;

    private static SizeHistogram Histogram(long[] counts)
    {
        int last = Array.FindLastIndex(counts, count => count > 0);
        return new([.. counts.Take(last + 1)]);
    }
}
