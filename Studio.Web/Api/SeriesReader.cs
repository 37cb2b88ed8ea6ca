using System.Globalization;
using Studio.Core.Telemetry;
using Studio.Core.Training;

namespace Studio.Web.Api;

/// <summary>Reads the series of one run, each time what is new since the last.</summary>
public sealed class SeriesReader
{
    private readonly MetricStore _metrics;
    private readonly string _runId;
    private readonly IReadOnlyList<string> _series;
    private readonly long? _afterStep;
    private SeriesCursor _cursor;

    private SeriesReader(MetricStore metrics, string runId, IReadOnlyList<string> series, SeriesCursor cursor, long? afterStep)
    {
        _metrics = metrics;
        _runId = runId;
        _series = series;
        _cursor = cursor;
        _afterStep = afterStep;
    }

    /// <summary>Creates a reader.</summary>
    /// <param name="metrics">Where the series are.</param>
    /// <param name="runId">The run.</param>
    /// <param name="series">Names of series, each also several with commas; empty = all.</param>
    /// <param name="after">A cursor of an earlier read, or an optimizer step; null or empty = from the beginning.</param>
    /// <exception cref="ApiException">A series is unknown, or <paramref name="after"/> is neither.</exception>
    public static SeriesReader Of(MetricStore metrics, string runId, IReadOnlyList<string> series, string? after)
    {
        string[] names = [.. (series ?? []).SelectMany(list => (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Distinct(StringComparer.Ordinal)];
        var findings = names.Except(RunSeries.All, StringComparer.Ordinal).Select(name => $"The series '{name}' is unknown; expected {string.Join(", ", RunSeries.All)}.").ToList();
        long? afterStep = long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out long step) ? step : null;
        var cursor = string.IsNullOrEmpty(after) || afterStep is not null ? SeriesCursor.Start : SeriesCursor.Parse(after);
        if (cursor is null) findings.Add($"'after' is '{after}'; expected a cursor of an earlier answer, or an optimizer step.");
        ApiException.ThrowIfAny(findings);
        return new SeriesReader(metrics, runId, names.Length > 0 ? names : RunSeries.All, cursor!, afterStep);
    }

    /// <summary>What is new in each series since the last read, empty lists included.</summary>
    public RunPoints Read()
    {
        var series = _series.Select(ReadSeries).ToList();
        return new RunPoints(_cursor.ToString(), series);
    }

    private SeriesPoints ReadSeries(string name)
    {
        var before = _cursor[name];
        var slice = _metrics.Read(new SeriesKey(_runId, name), before);
        _cursor = _cursor.With(name, slice.Cursor);
        // A whole series read from a step on continues what the reader holds.
        bool cut = before == default && _afterStep is not null;
        var points = cut ? slice.Points.Where(point => point.Step > _afterStep) : slice.Points;
        return new SeriesPoints(name, slice.Restarted && !cut, [.. points.Select(PointDto.Of)]);
    }
}
