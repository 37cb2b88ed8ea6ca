using Studio.Core.Telemetry;
using Studio.Web.Components.Shared;

namespace Studio.Web.Charts;

/// <summary>What a chart draws next.</summary>
/// <param name="Replaces">Whether the points replace all that is drawn.</param>
/// <param name="Points">The points.</param>
public sealed record ChartUpdate(bool Replaces, IReadOnlyList<ChartPoints> Points);

/// <summary>
/// Feeds several series to one chart. With smoothing each series is two lines: the measured values faint, the smoothed ones strong above.
/// </summary>
public sealed class ChartFeed
{
    private readonly MetricStore _metrics;
    private readonly IReadOnlyList<ChartLine> _lines;
    private readonly XAxis _axis;
    private readonly double _smoothing;
    private readonly int? _newest;
    private SeriesFeed[] _feeds;

    /// <summary>Creates a feed that has read nothing yet.</summary>
    /// <param name="metrics">The store.</param>
    /// <param name="lines">What to read.</param>
    /// <param name="axis">Horizontal axis.</param>
    /// <param name="smoothing">Weight of the smoothing.</param>
    /// <param name="newest">How many of the newest points of each line count; null = all.</param>
    public ChartFeed(MetricStore metrics, IReadOnlyList<ChartLine> lines, XAxis axis, double smoothing, int? newest = null)
    {
        (_metrics, _lines, _axis, _smoothing, _newest) = (metrics, lines, axis, smoothing, newest);
        _feeds = CreateFeeds();
    }

    /// <summary>The lines to draw, faint ones first so that strong ones lie above.</summary>
    public static IReadOnlyList<ChartSeries> SeriesOf(IReadOnlyList<ChartLine> lines, double smoothing) =>
    [
        .. lines.Where(line => IsSmoothed(line, smoothing)).Select(line => new ChartSeries(RawId(line), line.Name, line.Style) { Emphasis = LineEmphasis.Faint }),
        .. lines.Select(line => new ChartSeries(Id(line), line.Name, line.Style) { Emphasis = line.Sparse ? LineEmphasis.Marked : line.Stacked ? LineEmphasis.Area : LineEmphasis.Plain }),
    ];

    /// <summary>What is new; everything, when one series started over.</summary>
    public ChartUpdate Read()
    {
        FeedSlice[] slices = [.. _feeds.Select(feed => feed.Read())];
        if (!slices.Any(slice => slice.Restarted))
            return new ChartUpdate(false, ToPoints(slices));
        if (!slices.All(slice => slice.Restarted))
        {
            _feeds = CreateFeeds();
            slices = [.. _feeds.Select(feed => feed.Read())];
        }
        return new ChartUpdate(true, ToPoints(slices));
    }

    private SeriesFeed[] CreateFeeds() => [.. _lines.Select(line => new SeriesFeed(_metrics, line.Key, _axis, line.Sparse ? 0 : _smoothing, line.Origin, _newest))];

    private ChartPoints[] ToPoints(FeedSlice[] slices) => [.. _lines.Zip(slices).SelectMany(Draw).Where(points => points.Xs.Count > 0)];

    private IEnumerable<ChartPoints> Draw((ChartLine Line, FeedSlice Slice) part)
    {
        if (IsSmoothed(part.Line, _smoothing))
            yield return new ChartPoints(RawId(part.Line), part.Slice.Xs, part.Slice.Raw);
        yield return new ChartPoints(Id(part.Line), part.Slice.Xs, part.Slice.Smoothed);
    }

    private static bool IsSmoothed(ChartLine line, double smoothing) => smoothing > 0 && !line.Sparse;

    private static string Id(ChartLine line) => $"{line.Key.Owner}/{line.Key.Name}";

    private static string RawId(ChartLine line) => Id(line) + "/raw";
}
