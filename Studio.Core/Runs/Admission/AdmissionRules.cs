namespace Studio.Core.Runs.Admission;

/// <summary>Other settings for the same training that take less memory.</summary>
/// <param name="Batch">Batch size.</param>
/// <param name="Accumulation">Gradient accumulation.</param>
/// <param name="Checkpointing">Whether activation checkpointing is to be switched on.</param>
/// <param name="Memory">What it takes then.</param>
internal sealed record CheaperSettings(int Batch, int Accumulation, bool Checkpointing, MemoryForecast Memory);

/// <summary>What is said to a run that wants to train.</summary>
internal static class AdmissionRules
{
    /// <summary>The verdict on one more run.</summary>
    /// <param name="plan">Memory as it is.</param>
    /// <param name="before">The last of the runs that wait already; null when none does. Runs start in the order in which they came.</param>
    /// <param name="memory">What the run takes.</param>
    public static AdmissionVerdict Judge(MemoryPlan plan, PlannedRun? before, MemoryForecast memory)
    {
        if (plan.NeededAlone(memory) is var alone && alone > plan.Budget) return new NeverFits(alone, plan.Budget);
        return before is null && plan.Admits(memory) ? new FitsNow(plan.NeededWith(memory), plan.Budget) : WaitOf(plan, before, memory);
    }

    /// <summary>What a run waits for that cannot train now.</summary>
    /// <param name="plan">Memory as it is.</param>
    /// <param name="before">The one that waits directly before it; null where it is the first.</param>
    /// <param name="memory">What it takes.</param>
    public static StartsAfter WaitOf(MemoryPlan plan, PlannedRun? before, MemoryForecast memory) => before is null
        ? plan.WaitOf(memory)
        : new StartsAfter(WaitCause.Turn, before.Id, before.Name, Math.Max(0, plan.NeededWith(memory) - plan.Budget));

    /// <summary>The verdict on a request, with what would let it start at once.</summary>
    /// <param name="plan">Memory as it is.</param>
    /// <param name="before">The last of the runs that wait already; null when none does.</param>
    /// <param name="memory">What it takes as asked.</param>
    /// <param name="batch">Batch size as asked.</param>
    /// <param name="cheaper">Settings that take less, the least change first.</param>
    public static AdmissionVerdict Judge(MemoryPlan plan, PlannedRun? before, MemoryForecast memory, int batch, IEnumerable<CheaperSettings> cheaper)
    {
        var asked = Judge(plan, before, memory);
        if (asked is FitsNow || before is not null) return asked;
        return cheaper.FirstOrDefault(settings => plan.Admits(settings.Memory)) is { } found
            ? new FitsChanged(batch, found.Batch, found.Accumulation, found.Checkpointing, asked)
            : asked;
    }
}
