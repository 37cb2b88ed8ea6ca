namespace Studio.Core.Runs.Admission;

/// <summary>A run that trains, as the plan of memory sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Memory">What it takes.</param>
/// <param name="Remaining">Estimated time to its end; null where unknown.</param>
internal sealed record PlannedRun(string Id, string Name, MemoryForecast Memory, TimeSpan? Remaining);

/// <summary>
/// Memory of the studio as it is and would be: needed = what others hold + values and moments of all runs + the largest step. One step must fit; how many are in flight at
/// a time the <see cref="Clients.StepScheduler"/> decides by the room that is left.
/// </summary>
/// <param name="Budget">Bytes that the studio may take.</param>
/// <param name="Permanent">Bytes of bases, the runtime and its libraries: there whoever trains.</param>
/// <param name="Others">Bytes of chats, paused runs and adapters in use.</param>
/// <param name="Places">Runs that may train at once.</param>
/// <param name="Active">Runs that train.</param>
internal sealed record MemoryPlan(long Budget, long Permanent, long Others, int Places, IReadOnlyList<PlannedRun> Active)
{
    /// <summary>Bytes that steps in flight may hold together.</summary>
    public long StepRoom => Budget - Permanent - Others - Active.Sum(run => run.Memory.Held);

    /// <summary>Bytes needed with one more run.</summary>
    public long NeededWith(MemoryForecast more) => Permanent + Others + Needed([.. Active.Select(run => run.Memory), more]);

    /// <summary>Bytes needed with that run and no other.</summary>
    public long NeededAlone(MemoryForecast run) => Permanent + run.Total;

    /// <summary>Whether one more run may train now.</summary>
    public bool Admits(MemoryForecast more) => Active.Count < Places && NeededWith(more) <= Budget;

    /// <summary>What one more run waits for: the end that comes first of those which make room, alone or after the ends before it.</summary>
    public StartsAfter WaitOf(MemoryForecast more)
    {
        long missing = NeededWith(more) - Budget;
        var byEnd = Active.OrderBy(run => run.Remaining ?? TimeSpan.MaxValue).ToList();
        if (missing <= 0) return new StartsAfter(WaitCause.Place, byEnd.FirstOrDefault()?.Id, byEnd.FirstOrDefault()?.Name, 0);
        var frees = byEnd.FirstOrDefault(run => Without(run).NeededWith(more) <= Budget);
        for (int ended = 2; frees is null && ended <= byEnd.Count; ended++)
            if (Without([.. byEnd.Take(ended)]).NeededWith(more) <= Budget) frees = byEnd[ended - 1];
        return new StartsAfter(WaitCause.Memory, frees?.Id, frees?.Name, missing);
    }

    private MemoryPlan Without(params IReadOnlyList<PlannedRun> ended) => this with { Active = [.. Active.Except(ended)] };

    private static long Needed(IReadOnlyCollection<MemoryForecast> runs) =>
        runs.Sum(run => run.Held) + runs.Max(run => run.Step);
}
