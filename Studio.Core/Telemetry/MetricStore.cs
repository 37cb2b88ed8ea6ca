using System.Collections.Concurrent;

namespace Studio.Core.Telemetry;

/// <summary>
/// Live metric series of any owners in bounded memory. Writers and readers of different series do not wait for each other. A reader asks
/// for what is new with the cursor of its last read; <see cref="Changes"/> says when it is worth asking.
/// </summary>
public sealed class MetricStore(ChangeSignal changes, MetricStoreOptions? options = null)
{
    private readonly MetricStoreOptions options = options ?? new();
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, MetricSeries>> owners = new(StringComparer.Ordinal);

    /// <summary>Signals the owner of each series that got a point.</summary>
    public ChangeSignal Changes { get; } = changes;

    /// <summary>Adds a point to a series, which begins with its first point.</summary>
    public void Add(SeriesKey key, MetricPoint point)
    {
        SeriesOf(key).Add(point);
        Changes.Signal(key.Owner);
    }

    /// <summary>Adds points to a series, oldest first, with one signal: for a series that is loaded from disk.</summary>
    public void AddRange(SeriesKey key, IEnumerable<MetricPoint> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        var series = SeriesOf(key);
        foreach (var point in points)
        {
            series.Add(point);
        }

        Changes.Signal(key.Owner);
    }

    /// <summary>The points after <paramref name="after"/>; all points, when there is no such cursor yet or the series was thinned out since.</summary>
    public MetricSlice Read(SeriesKey key, MetricCursor after = default)
    {
        if (Find(key) is { } series)
        {
            return series.Read(after);
        }

        // A reader that holds points of a series that was removed must drop them.
        return new MetricSlice([], default, Restarted: after != default);
    }

    /// <summary>The newest point of a series, or null.</summary>
    public MetricPoint? Latest(SeriesKey key) => Find(key)?.Latest;

    /// <summary>Names of the series of an owner, sorted.</summary>
    public IReadOnlyList<string> Series(string owner) =>
        owners.TryGetValue(owner, out var series) ? [.. series.Keys.Order(StringComparer.Ordinal)] : [];

    /// <summary>Forgets all series of an owner.</summary>
    public void Remove(string owner)
    {
        if (owners.TryRemove(owner, out _))
        {
            Changes.Signal(owner);
        }
    }

    private MetricSeries? Find(SeriesKey key) =>
        owners.TryGetValue(key.Owner, out var series) && series.TryGetValue(key.Name, out var found) ? found : null;

    private MetricSeries SeriesOf(SeriesKey key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key.Owner, nameof(key));
        ArgumentException.ThrowIfNullOrEmpty(key.Name, nameof(key));
        return owners
            .GetOrAdd(key.Owner, static _ => new(StringComparer.Ordinal))
            .GetOrAdd(key.Name, static (_, options) => new MetricSeries(options), options);
    }
}
