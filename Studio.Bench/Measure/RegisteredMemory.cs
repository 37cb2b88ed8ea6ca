using Studio.Bench.Limits;
using Studio.Core.Tensors;

namespace Studio.Bench.Measure;

/// <summary>What to measure.</summary>
/// <param name="Runs">Numbers of registered runs; the first is the yardstick.</param>
/// <param name="Tokens">Tokens a step.</param>
/// <param name="Rank">Rank of LoRA.</param>
/// <param name="Steps">Steps of every run of the largest number; fewer runs take as many together.</param>
/// <param name="InFlight">Steps in flight; 0 = as many as keep the cores busy.</param>
/// <param name="Parked">Whether values and moments lie in files between steps.</param>
internal sealed record RegisteredMemoryOptions(IReadOnlyList<int> Runs, int Tokens, int Rank, int Steps, int InFlight, bool Parked = false);

/// <summary>
/// What registered runs cost beside their values and moments: the peak of a process's memory, less the weights and 12 bytes a trainable parameter of every run. Memory is
/// bounded by the steps in flight where that rest does not grow with the number of runs.
/// </summary>
internal static class RegisteredMemory
{
    private const int BytesAParameter = 12; // a value and two moments in fp32

    /// <summary>Writes the table.</summary>
    public static int Run(BenchModel source, RegisteredMemoryOptions options, TextWriter output)
    {
        var report = new BenchReport(FormattableString.Invariant($"{source.Name}, {source.Type}, {options.Tokens} tokens a step, LoRA r = {options.Rank} on all linear layers, {options.Steps * options.Runs.Max()} steps{(options.Parked ? ", idle state parked" : "")}"), "registered", output);
        (double Shared, double Private)? first = null;
        long firstPeak = 0;
        foreach (int runs in options.Runs)
        {
            var (state, peak) = Measure(source, options, runs);
            long states = options.Parked ? 0 : BytesAParameter * runs * state.Trainable;
            // The mapped weights are no private bytes.
            var rest = (Shared: (double)(peak.ProportionalBytes - state.WeightBytes - states), Private: (double)(peak.PrivateBytes - states));
            first ??= rest;
            if (firstPeak == 0) firstPeak = peak.ProportionalBytes;
            report.Add(
                new Figure("registered runs", runs),
                new Figure("peak PSS MB", peak.ProportionalBytes / 1e6, "0.0"),
                new Figure("peak to the first", (double)peak.ProportionalBytes / firstPeak, "0.000"),
                new Figure("peak private MB", peak.PrivateBytes / 1e6, "0.0"),
                new Figure("weights MB", state.WeightBytes / 1e6, "0.0"),
                new Figure("runs x 12 B x trainable MB", states / 1e6, "0.0"),
                new Figure("rest of PSS MB", rest.Shared / 1e6, "0.0"),
                new Figure("to the first", rest.Shared / first.Value.Shared, "0.000"),
                new Figure("rest of private MB", rest.Private / 1e6, "0.0"),
                new Figure("private to the first", rest.Private / first.Value.Private, "0.000"));
        }
        report.Write();
        return 0;
    }

    private static (FineTuneState State, ProcessMemoryReading Peak) Measure(BenchModel source, RegisteredMemoryOptions options, int runs)
    {
        using var processes = new ProcessGroup();
        var process = new FineTuneProcess(new FineTuneJob(source.Folder, source.Type, OwnCopy: false, options.Tokens, options.Rank, options.InFlight, options.Parked), cores: 0, processes.Start);
        var peak = MemoryPeak.While(processes.Read, () => RunAsync().GetAwaiter().GetResult());
        return (process.State, peak);

        async Task RunAsync()
        {
            // After its first step a run has all that it keeps; the other steps meet all runs. Few runs take more of them: garbage and free lists then had as long to grow.
            int steps = ((options.Runs.Max() - runs) + options.Runs.Max() * (options.Steps - 1) + runs - 1) / runs;
            bool alive = await process.LoadAsync().ConfigureAwait(false) && await process.AddAsync(runs, 1).ConfigureAwait(false) && await process.StepAsync(steps).ConfigureAwait(false);
            if (!alive) throw await process.FailureAsync().ConfigureAwait(false);
        }
    }
}
