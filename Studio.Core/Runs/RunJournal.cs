using Microsoft.Extensions.Logging;
using Studio.Core.Storage;
using Studio.Core.Telemetry;

namespace Studio.Core.Runs;

/// <summary>
/// What one run writes down: its record, its series and its log lines. Live readers see everything at once; the disk follows at
/// transitions and about once a second. A disk that refuses does not stop the training: what could not be written is tried again.
/// </summary>
internal sealed class RunJournal(RunServices services, RunRecord record, TimeSpan progressInterval)
{
    private readonly List<RunLogLine> _unsavedLines = [];
    private volatile RunRecord _record = record;
    private long _savedAt = services.Time.GetTimestamp();
    private bool _saveFailed;

    /// <summary>The record as it is now.</summary>
    public RunRecord Record => _record;

    /// <summary>Changes the record in memory.</summary>
    public void Update(Func<RunRecord, RunRecord> change) => _record = change(_record);

    /// <summary>Adds a point to a series.</summary>
    public void Point(string series, double value)
    {
        var point = new MetricPoint(_record.Step, value, services.Time.GetUtcNow(), _record.Epoch, _record.TokensSeen);
        services.Metrics.Add(new SeriesKey(_record.Id, series), point);
        services.MetricFiles.Add(_record.Id, series, new StoredPoint(point.Step, point.Value, point.Time, point.Epoch, point.Tokens));
    }

    /// <summary>Adds a log line.</summary>
    public void Line(LogLevel level, string text)
    {
        var now = services.Time.GetUtcNow();
        services.Log.Append(_record.Id, now, level, text);
        lock (_unsavedLines) _unsavedLines.Add(new RunLogLine(now, level, text));
    }

    /// <summary>Writes record and lines if the last write is long enough ago.</summary>
    public Task SaveProgressAsync() =>
        services.Time.GetElapsedTime(_savedAt) >= progressInterval ? SaveAsync() : Task.CompletedTask;

    /// <summary>Writes record and lines; completes when they are on the disk, or were refused by it.</summary>
    public async Task SaveAsync()
    {
        _savedAt = services.Time.GetTimestamp();
        RunLogLine[] lines;
        lock (_unsavedLines) lines = [.. _unsavedLines];
        try
        {
            await services.Database.Runs.UpsertAsync(_record).ConfigureAwait(false);
            if (lines.Length > 0) await services.Database.RunLog.AppendAsync(_record.Id, lines).ConfigureAwait(false);
            lock (_unsavedLines) _unsavedLines.RemoveRange(0, lines.Length);
            _saveFailed = false;
        }
        catch (StorageException e)
        {
            // Once, not at every attempt: the disk stays full for a while.
            if (!_saveFailed) Line(LogLevel.Warning, $"The run's progress could not be stored: {e.Message} It is kept in memory and tried again.");
            _saveFailed = true;
        }
    }
}
