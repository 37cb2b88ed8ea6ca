namespace Studio.Core.Runs.Admission;

/// <summary>A run that trains, as the watch sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="StartedAt">When it began to train; the latest is the youngest.</param>
/// <param name="Memory">Expected and measured.</param>
/// <param name="IsLeaving">Whether it stops taking steps at its next boundary.</param>
internal sealed record WatchedRun(string Id, DateTimeOffset StartedAt, RunMemory Memory, bool IsLeaving);

/// <summary>
/// Keeps the studio within its memory budget while runs train. Where it takes more in two readings one after the other, the run that exceeds its forecast most is
/// paused at its next step, or the youngest where none was measured: one at a time, and after a pause the memory has longer to come back.
/// </summary>
/// <param name="budget">Bytes that the studio may take.</param>
/// <param name="used">Bytes that it takes now.</param>
/// <param name="training">The runs that take steps.</param>
/// <param name="pause">Pauses a run with an explanation.</param>
/// <param name="returnFreed">Gives memory that was freed and is kept for later back to the system: tried first.</param>
internal sealed class BudgetWatch(long budget, Func<long> used, Func<IReadOnlyList<WatchedRun>> training, Action<string, string> pause, Action returnFreed)
{
    private const int Readings = 2, ReadingsAfterAPause = 6;

    // Well below the budget again: the next excess is a new one.
    private const double Calm = 0.95;

    private int _over;
    private int _wanted = Readings;

    /// <summary>Takes a reading.</summary>
    public void Check()
    {
        var runs = training();
        // One that pauses or ends is about to make room.
        if (runs.Count == 0 || runs.Any(run => run.IsLeaving)) return;
        long now = used();
        if (now <= budget)
        {
            _over = 0;
            if (now <= budget * Calm) _wanted = Readings;
            return;
        }
        if (++_over < _wanted)
        {
            returnFreed();
            return;
        }
        var run = Largest(runs);
        (_over, _wanted) = (0, ReadingsAfterAPause);
        pause(run.Id, Explanation(now, run.Memory));
    }

    private static WatchedRun Largest(IReadOnlyList<WatchedRun> runs)
    {
        var measured = runs.Where(run => Excess(run) > 1).ToList();
        return measured.Count > 0 ? measured.MaxBy(Excess)! : runs.MaxBy(run => run.StartedAt)!;
    }

    private static double Excess(WatchedRun run) => run.Memory is { Measured: { } measured, Predicted: { Total: > 0 } predicted } ? (double)measured / predicted.Total : 0;

    private string Explanation(long now, RunMemory memory)
    {
        string own = memory is { Measured: { } measured, Predicted: { } predicted }
            ? $" This run took {ByteText.Format(measured)} where {ByteText.Format(predicted.Total)} were expected."
            : "";
        return $"The studio used {ByteText.Format(now)} of its memory budget of {ByteText.Format(budget)}.{own} Nothing is lost: resume it when other runs have ended, or start one with a smaller batch.";
    }
}
