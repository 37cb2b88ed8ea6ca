namespace Studio.Core.Telemetry;

/// <summary>
/// The points of one series in bounded memory. The newest are kept as they are. Older ones are gathered in buckets of equal length,
/// each keeping its lowest and its highest point, so that the curve keeps its outline from the first step to the last; when there are too
/// many buckets, neighbours are merged in pairs and buckets are twice as long from then on. Thread-safe.
/// </summary>
internal sealed class MetricSeries
{
    private static long generations;

    private readonly Lock gate = new();
    private readonly int maxRecent;
    private readonly int maxBuckets;
    private readonly List<Indexed> recent = [];
    private readonly List<Bucket> history = [];
    private long bucketLength = 1;
    private Indexed first;
    private long lastIndex;
    private long generation = NextGeneration();

    public MetricSeries(MetricStoreOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.RecentPoints, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.HistoryBuckets, 2);
        maxRecent = options.RecentPoints;
        maxBuckets = options.HistoryBuckets;
    }

    public MetricPoint? Latest
    {
        get
        {
            lock (gate)
            {
                return recent.Count > 0 ? recent[^1].Point : null;
            }
        }
    }

    public void Add(MetricPoint point)
    {
        lock (gate)
        {
            if (recent.Count == maxRecent)
            {
                // Half at a time: readers must start over after this, so it must be rare.
                MoveToHistory(maxRecent / 2);
            }

            var added = new Indexed(++lastIndex, point);
            if (lastIndex == 1)
            {
                first = added;
            }

            recent.Add(added);
        }
    }

    public MetricSlice Read(MetricCursor after)
    {
        lock (gate)
        {
            var cursor = new MetricCursor(generation, lastIndex);
            return after.Generation == generation
                ? new MetricSlice(Newest((int)Math.Min(recent.Count, lastIndex - after.LastIndex)), cursor, Restarted: false)
                : new MetricSlice(All(), cursor, Restarted: true);
        }
    }

    private static long NextGeneration() => Interlocked.Increment(ref generations);

    private MetricPoint[] Newest(int count)
    {
        var points = new MetricPoint[Math.Max(0, count)];
        for (var i = 0; i < points.Length; i++)
        {
            points[i] = recent[recent.Count - points.Length + i].Point;
        }

        return points;
    }

    private List<MetricPoint> All()
    {
        var points = new List<MetricPoint>((2 * history.Count) + recent.Count + 1);
        if (history.Count > 0 && history[0].Earlier.Index != first.Index)
        {
            points.Add(first.Point);
        }

        foreach (var bucket in history)
        {
            points.Add(bucket.Earlier.Point);
            if (bucket.Later.Index != bucket.Earlier.Index)
            {
                points.Add(bucket.Later.Point);
            }
        }

        points.AddRange(recent.Select(p => p.Point));
        return points;
    }

    private void MoveToHistory(int count)
    {
        foreach (var point in recent.Take(count))
        {
            if (history.Count > 0 && history[^1].Count < bucketLength)
            {
                history[^1] = Bucket.Merge(history[^1], new Bucket(point, point, 1));
                continue;
            }

            if (history.Count == maxBuckets)
            {
                MergePairs();
            }

            history.Add(new Bucket(point, point, 1));
        }

        recent.RemoveRange(0, count);
        generation = NextGeneration();
    }

    private void MergePairs()
    {
        var merged = history.Chunk(2).Select(pair => pair.Length == 2 ? Bucket.Merge(pair[0], pair[1]) : pair[0]).ToList();
        history.Clear();
        history.AddRange(merged);
        bucketLength *= 2;
    }

    private readonly record struct Indexed(long Index, MetricPoint Point);

    private readonly record struct Bucket(Indexed Low, Indexed High, long Count)
    {
        public Indexed Earlier => Low.Index <= High.Index ? Low : High;

        public Indexed Later => Low.Index <= High.Index ? High : Low;

        // CompareTo orders NaN below every number: a loss that became NaN stays visible as the bucket's low.
        public static Bucket Merge(Bucket a, Bucket b) => new(
            b.Low.Point.Value.CompareTo(a.Low.Point.Value) < 0 ? b.Low : a.Low,
            b.High.Point.Value.CompareTo(a.High.Point.Value) > 0 ? b.High : a.High,
            a.Count + b.Count);
    }
}
