using System.Globalization;

namespace Studio.Core.Storage;

/// <summary>Consecutive points of one series of a run, packed by <see cref="StoredPoint.Pack"/>.</summary>
public sealed record MetricChunk
{
    /// <summary>Key: run, series and first index, so that one run's chunks of one series lie in order.</summary>
    public required string Id { get; init; }

    /// <summary>Run the points belong to.</summary>
    public required string RunId { get; init; }

    /// <summary>Name of the series, e.g. <c>loss</c>.</summary>
    public required string Series { get; init; }

    /// <summary>Index within the series of the chunk's first point.</summary>
    public required long FirstIndex { get; init; }

    /// <summary>The points, <see cref="StoredPoint.Size"/> bytes each.</summary>
    public required byte[] Points { get; init; }

    /// <summary>Key of the chunk of <paramref name="runId"/> and <paramref name="series"/> that begins at <paramref name="firstIndex"/>.</summary>
    public static string IdOf(string runId, string series, long firstIndex) =>
        string.Create(CultureInfo.InvariantCulture, $"{SeriesKey(runId, series)}/{firstIndex:D12}");

    /// <summary>Common beginning of the keys of one series; a slash in its name is escaped, since it separates the parts of a key.</summary>
    internal static string SeriesKey(string runId, string series) => $"{runId}/{Uri.EscapeDataString(series)}";
}
