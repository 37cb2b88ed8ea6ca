using Studio.Bench.Limits;

namespace Studio.Bench.Measure;

/// <summary>What to measure.</summary>
/// <param name="LimitBytes">Most memory that the processes of a variant may hold together.</param>
/// <param name="Tokens">Tokens a step; each is measured.</param>
/// <param name="Rank">Rank of LoRA.</param>
/// <param name="Steps">Optimizer steps that a run must have taken to count.</param>
/// <param name="InFlight">Steps in flight on the shared base; 0 = as many as keep the cores busy.</param>
/// <param name="Most">Ends where so many runs fit.</param>
/// <param name="Parked">Whether values and moments of the runs on the shared base lie in files between steps.</param>
internal sealed record CapacityOptions(long LimitBytes, IReadOnlyList<int> Tokens, int Rank, int Steps, int InFlight, int Most, bool Parked = false);

/// <summary>
/// How many fine-tunes fit into a limit of memory: on one shared base in one process, and as processes of their own with a private copy of the base or with the mapped file.
/// What is measured always runs in child processes, which are ended once they exceed the limit; a run counts once it has taken its steps under it.
/// </summary>
internal static class Capacity
{
    /// <summary>Writes the table.</summary>
    public static int Run(BenchModel source, CapacityOptions options, TextWriter output)
    {
        var report = new BenchReport(FormattableString.Invariant($"{source.Name}, {source.Type}, LoRA r = {options.Rank} on all linear layers, {options.Steps} steps a run, at most {options.LimitBytes / (double)(1L << 30):0.##} GiB"), "capacity", output);
        foreach (int tokens in options.Tokens)
        {
            var shared = Measure(limit => SharedAsync(source, options, tokens, limit), source, options);
            Add(shared, options.Parked ? "shared base, one process, idle state parked" : "shared base, one process");
            Add(Measure(limit => DedicatedAsync(source, options, tokens, ownCopy: true, limit), source, options), "a process each, own copy of the base");
            Add(Measure(limit => DedicatedAsync(source, options, tokens, ownCopy: false, limit), source, options), "a process each, base mapped");

            void Add(Fit fit, string name) => report.Add(
                new Figure("variant", name),
                new Figure("tokens a step", tokens),
                new Figure("fine-tunes", fit.Runs),
                new Figure("ended by", fit.LimitReached ? "limit" : "--most"),
                new Figure("limit kept by", fit.Keeper),
                new Figure("shared to this", fit.Runs == 0 ? null : (double)shared.Runs / fit.Runs, "0.0"));
        }
        report.Write();
        return 0;
    }

    private static Fit Measure(Func<MemoryLimit, Task<int>> variant, BenchModel source, CapacityOptions options)
    {
        using var limit = MemoryLimit.Enforce(options.LimitBytes);
        // A control group pays only for pages of files that it was the first to read.
        if (limit is ControlGroupLimit) PageCache.Drop(source.Folder);
        int runs = variant(limit).GetAwaiter().GetResult();
        return new Fit(runs, limit.Exceeded, limit.Name);
    }

    private static async Task<int> SharedAsync(BenchModel source, CapacityOptions options, int tokens, MemoryLimit limit)
    {
        var process = new FineTuneProcess(new FineTuneJob(source.Folder, source.Type, OwnCopy: false, tokens, options.Rank, options.InFlight, options.Parked), cores: 0, limit.Start);
        bool alive = await process.LoadAsync().ConfigureAwait(false) && await process.AddAsync(options.Most, options.Steps).ConfigureAwait(false);
        return alive || limit.Exceeded ? process.State.Runs : throw await process.FailureAsync().ConfigureAwait(false);
    }

    // All of them live and take their steps at once: what a number of them needs is what they hold together.
    private static async Task<int> DedicatedAsync(BenchModel source, CapacityOptions options, int tokens, bool ownCopy, MemoryLimit limit)
    {
        var processes = new List<FineTuneProcess>();
        while (processes.Count < options.Most)
        {
            var process = new FineTuneProcess(new FineTuneJob(source.Folder, source.Type, ownCopy, tokens, options.Rank, InFlight: 1), cores: 1, limit.Start);
            bool added = await process.LoadAsync().ConfigureAwait(false) && await process.AddAsync(1, 0).ConfigureAwait(false);
            processes.Add(process);
            bool[] stepped = added ? await Task.WhenAll(processes.Select(each => each.StepAsync(options.Steps))).ConfigureAwait(false) : [false];
            if (stepped.All(alive => alive)) continue;
            if (!limit.Exceeded) throw await processes[added ? Array.IndexOf(stepped, false) : ^1].FailureAsync().ConfigureAwait(false);
            return processes.Count - 1;
        }
        return processes.Count;
    }

    private sealed record Fit(int Runs, bool LimitReached, string Keeper);
}
