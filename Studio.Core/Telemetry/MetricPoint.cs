namespace Studio.Core.Telemetry;

/// <summary>One measurement of a series.</summary>
/// <param name="Step">Optimizer step.</param>
/// <param name="Value">Value of the metric.</param>
/// <param name="Time">When it was measured, UTC.</param>
/// <param name="Epoch">Passes over the data, with fraction.</param>
/// <param name="Tokens">Tokens trained on until then.</param>
public readonly record struct MetricPoint(long Step, double Value, DateTimeOffset Time, double Epoch, long Tokens);

/// <summary>Names a series.</summary>
/// <param name="Owner">Whom it belongs to, e.g. the id of a run.</param>
/// <param name="Name">What it measures, e.g. <c>loss</c>.</param>
public readonly record struct SeriesKey(string Owner, string Name);

/// <summary>How far a reader has read a series. The default value has read nothing.</summary>
/// <param name="Generation">Generation of the series at the last read; it changes whenever older points were thinned out, or the series began anew.</param>
/// <param name="LastIndex">Index of the last point read; indices count every point ever added, from 1.</param>
public readonly record struct MetricCursor(long Generation, long LastIndex);

/// <summary>What a read of a series returned.</summary>
/// <param name="Points">The points, oldest first.</param>
/// <param name="Cursor">Pass this to the next read.</param>
/// <param name="Restarted">
/// True when <paramref name="Points"/> is the whole series and replaces what the reader holds, false when it continues it.
/// </param>
public readonly record struct MetricSlice(IReadOnlyList<MetricPoint> Points, MetricCursor Cursor, bool Restarted);
