using Studio.Core.Telemetry;

namespace Studio.Web.Charts;

/// <summary>The shape of a series for a sparkline, read bit by bit.</summary>
/// <param name="metrics">The store.</param>
/// <param name="key">The series.</param>
public sealed class LossTrail(MetricStore metrics, SeriesKey key)
{
    /// <summary>The most points that a sparkline gets.</summary>
    public const int MostPoints = 60;

    private readonly List<double> _values = [];
    private MetricCursor _cursor;

    /// <summary>Reads what is new and returns the whole curve, thinned out.</summary>
    public IReadOnlyList<double> Read()
    {
        var slice = metrics.Read(key, _cursor);
        _cursor = slice.Cursor;
        if (slice.Restarted)
            _values.Clear();
        _values.AddRange(slice.Points.Select(point => point.Value));
        return [.. Decimation.Keep(_values, MostPoints).Select(index => _values[index])];
    }
}
