namespace Studio.Core.Telemetry;

/// <summary>Bounds of a <see cref="MetricStore"/>.</summary>
public sealed record MetricStoreOptions
{
    /// <summary>Newest points of a series that are kept one by one. At least 2.</summary>
    public int RecentPoints { get; init; } = 2048;

    /// <summary>Buckets that keep the shape of everything older; each shows at most two points. At least 2.</summary>
    public int HistoryBuckets { get; init; } = 1024;
}
