using Studio.Core.Telemetry;

namespace Studio.Web.Charts;

/// <summary>Points of one series for drawing, all lists equally long.</summary>
/// <param name="Restarted">Whether they replace what was drawn before, or continue it.</param>
/// <param name="Xs">Positions.</param>
/// <param name="Raw">Values as measured.</param>
/// <param name="Smoothed">Smoothed values.</param>
public sealed record FeedSlice(bool Restarted, IReadOnlyList<double> Xs, IReadOnlyList<double> Raw, IReadOnlyList<double> Smoothed);

/// <summary>
/// Reads one series for a chart: first everything, thinned out to what a screen can show, then what is new. Starts over when the store
/// thinned the series, and when so much was appended that the chart should be thinned again.
/// </summary>
/// <param name="metrics">The store.</param>
/// <param name="key">The series.</param>
/// <param name="axis">Horizontal axis.</param>
/// <param name="smoothing">Weight of <see cref="ExponentialSmoothing"/>.</param>
/// <param name="origin">When the run began; null = the time of the first point.</param>
/// <param name="newest">How many of the newest points count; null = all.</param>
public sealed class SeriesFeed(MetricStore metrics, SeriesKey key, XAxis axis, double smoothing, DateTimeOffset? origin = null, int? newest = null)
{
    /// <summary>Points of a fresh drawing.</summary>
    public const int FreshPoints = 1200;

    /// <summary>Points after which the drawing starts over.</summary>
    public const int MostPoints = 2400;

    private MetricCursor _cursor;
    private ExponentialSmoothing _average = new(smoothing);
    private DateTimeOffset? _origin = origin;
    private int _drawn;
    private bool _begun;

    /// <summary>What came since the last read; the first read returns everything.</summary>
    public FeedSlice Read()
    {
        var slice = metrics.Read(key, _cursor);
        if (!slice.Restarted && _drawn + slice.Points.Count > MostPoints)
            slice = metrics.Read(key);
        _cursor = slice.Cursor;
        if (slice.Restarted)
            (_average, _drawn) = (new ExponentialSmoothing(smoothing), 0);

        var restarted = slice.Restarted || !_begun;
        _begun = true;
        return Measure(newest is { } most && slice.Points.Count > most ? [.. slice.Points.TakeLast(most)] : slice.Points, restarted);
    }

    private FeedSlice Measure(IReadOnlyList<MetricPoint> points, bool restarted)
    {
        if (points.Count > 0)
            _origin ??= points[0].Time;
        double[] raw = [.. points.Select(point => point.Value)];
        // Smoothed before thinning: what is left out still counts.
        double[] smoothed = [.. raw.Select(_average.Next)];
        double[] xs = [.. points.Select(point => XAxes.PositionOf(axis, point, _origin.GetValueOrDefault()))];
        if (restarted && points.Count > FreshPoints)
        {
            var kept = Decimation.Keep(raw, FreshPoints);
            (xs, raw, smoothed) = (Pick(xs, kept), Pick(raw, kept), Pick(smoothed, kept));
        }
        _drawn += xs.Length;
        return new FeedSlice(restarted, xs, raw, smoothed);
    }

    private static double[] Pick(double[] values, IReadOnlyList<int> kept) => [.. kept.Select(index => values[index])];
}
