using LiteDB;
using Microsoft.Extensions.Logging;

namespace Studio.Core.Storage;

/// <summary>The stored logs of runs: the newest lines of each, numbered from 0.</summary>
public sealed class RunLogRepository
{
    /// <summary>Lines kept of one run; older ones go.</summary>
    public const int MaxLines = 10_000;

    // The oldest lines are removed in portions, not one at a time.
    private const int Portion = 500;
    private const string Collection = "runLog";
    private readonly DatabaseWorker worker;

    internal RunLogRepository(DatabaseWorker worker) => this.worker = worker;

    /// <summary>Appends a line; completes when it is on the disk. A line for a run that has no record (any more) is dropped.</summary>
    public Task AppendAsync(string runId, DateTimeOffset time, LogLevel level, string text, CancellationToken cancellation = default) =>
        AppendAsync(runId, [new RunLogLine(time, level, text)], cancellation);

    /// <summary>Appends lines in one transaction; completes when they are on the disk. Lines for a run that has no record (any more) are dropped.</summary>
    public Task AppendAsync(string runId, IReadOnlyList<RunLogLine> lines, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        ArgumentNullException.ThrowIfNull(lines);
        return worker.WriteAsync(
            database =>
            {
                if (StudioDatabase.HasRun(database, runId))
                {
                    Append(Lines(database), runId, lines);
                }

                return true;
            },
            cancellation);
    }

    /// <summary>Lines of a run with an index greater than <paramref name="afterIndex"/>, oldest first.</summary>
    public Task<IReadOnlyList<RunLogEntry>> ReadAsync(string runId, long afterIndex = -1, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(runId);
        ArgumentOutOfRangeException.ThrowIfLessThan(afterIndex, -1);
        return worker.ReadAsync<IReadOnlyList<RunLogEntry>>(
            database => [.. Lines(database).Find(KeyRange.From(runId, RunLogEntry.IdOf(runId, afterIndex + 1))).OrderBy(l => l.Index)], cancellation);
    }

    internal static void DeleteRun(ILiteDatabase database, string runId) => Lines(database).DeleteMany(KeyRange.Below(runId));

    private static void Append(ILiteCollection<RunLogEntry> entries, string runId, IReadOnlyList<RunLogLine> lines)
    {
        var last = entries.Query().Where(KeyRange.Below(runId)).OrderByDescending("$._id").Limit(1).FirstOrDefault();
        var first = last is null ? 0 : last.Index + 1;
        var end = first + lines.Count;
        entries.Insert(lines.Select((line, i) => new RunLogEntry
        {
            Id = RunLogEntry.IdOf(runId, first + i),
            RunId = runId,
            Index = first + i,
            Time = line.Time,
            Level = line.Level,
            Text = line.Text,
        }));
        if (end > MaxLines && first / Portion != end / Portion)
        {
            entries.DeleteMany(KeyRange.UpTo(runId, RunLogEntry.IdOf(runId, end - MaxLines - 1)));
        }
    }

    private static ILiteCollection<RunLogEntry> Lines(ILiteDatabase database) => database.GetCollection<RunLogEntry>(Collection);
}

/// <summary>A line to append to a run's log.</summary>
/// <param name="Time">When it was written; kept as UTC.</param>
/// <param name="Level">Severity.</param>
/// <param name="Text">The text.</param>
public readonly record struct RunLogLine(DateTimeOffset Time, LogLevel Level, string Text);
