using Studio.Core.Storage;

namespace Studio.Core.Runs;

/// <summary>The life of a run: which state may follow which.</summary>
public static class RunStates
{
    private static readonly Dictionary<RunState, RunState[]> Next = new()
    {
        [RunState.Queued] = [RunState.Running, RunState.Paused, RunState.Failed, RunState.Stopped],
        [RunState.Running] = [RunState.Paused, RunState.Finished, RunState.Failed, RunState.Stopped],
        [RunState.Paused] = [RunState.Queued, RunState.Failed, RunState.Stopped],
        [RunState.Finished] = [],
        [RunState.Failed] = [],
        [RunState.Stopped] = [],
    };

    /// <summary>Whether a run in this state is over for good.</summary>
    public static bool HasEnded(this RunState state) => Next[state].Length == 0;

    /// <summary>Whether <paramref name="to"/> may follow <paramref name="from"/>.</summary>
    public static bool MayFollow(this RunState to, RunState from) => Next[from].Contains(to);

    /// <summary>A record in its next state.</summary>
    /// <exception cref="InvalidOperationException">That state cannot follow the present one.</exception>
    public static RunRecord In(this RunRecord record, RunState state, string reason, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (!state.MayFollow(record.State)) throw new InvalidOperationException($"Run '{record.Id}' is {record.State} and cannot become {state}.");
        return record with
        {
            State = state,
            StateReason = reason,
            StartedAt = state == RunState.Running ? record.StartedAt ?? now : record.StartedAt,
            EndedAt = state.HasEnded() ? now : null,
        };
    }
}
