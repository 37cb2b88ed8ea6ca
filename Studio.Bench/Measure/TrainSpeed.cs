using System.Diagnostics;
using Studio.Bench.Limits;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Bench.Measure;

/// <summary>What to measure.</summary>
/// <param name="Adapters">Fine-tunes on the shared base.</param>
/// <param name="Tokens">Tokens a step.</param>
/// <param name="Rank">Rank of LoRA.</param>
/// <param name="Steps">Steps of each fine-tune in a round.</param>
/// <param name="Rounds">Rounds over all variants.</param>
/// <param name="Policy">Batching policy of the executor.</param>
/// <param name="Dedicated">Processes of their own to compare with; 0 = none.</param>
/// <param name="Mapped">Whether those map the file of the base instead of holding a copy each.</param>
internal sealed record TrainSpeedOptions(int Adapters, int Tokens, int Rank, int Steps, int Rounds, BatchingPolicy Policy, int Dedicated, bool Mapped);

/// <summary>
/// N fine-tunes at once against the same N one after the other and against one alone, on one base, and against dedicated processes with a base each. All take turns, so
/// that their ratios hold on a machine whose speed drifts; the yardstick of the hardware is <see cref="GemmPeak"/>, measured in every round. Memory is looked at in
/// rounds of its own, the shared base's before there are other processes and theirs after it is gone: nobody's share of a page then depends on the others.
/// </summary>
internal static class TrainSpeed
{
    /// <summary>Writes the table.</summary>
    public static int Run(BenchModel source, TrainSpeedOptions options, TextWriter output)
    {
        var (alone, together, inTurn, apart, peaks) = (new List<double>(), new List<double>(), new List<double>(), new List<double>(), new List<double>());
        ProcessMemoryReading togetherMemory, inTurnMemory;
        double tokens = (double)options.Steps * options.Tokens, operations;
        DedicatedTraining? dedicated = null;
        try
        {
            using (var model = source.Load(new ExecutorOptions { Policy = options.Policy }))
            using (var lanes = new ComputeLanePool())
            using (var turns = new StepScheduler(lanes))
            {
                operations = 4.0 * GemmPeak.MultipliedWeights(model) * tokens;
                var runs = Enumerable.Range(1, options.Adapters).Select(seed => new BenchRun(model, options.Tokens, options.Rank, (ulong)seed)).ToList();
                InTurn(turns, runs, options.Steps); // touches everything for the first time
                inTurnMemory = MemoryPeak.While(() => InTurn(turns, runs, options.Steps));
                togetherMemory = MemoryPeak.While(() => Together(turns, runs, options.Steps));
                GemmPeak.Measure(model, options.Tokens, rounds: 1);
                if (options.Dedicated > 0)
                {
                    dedicated = new DedicatedTraining(source, options.Dedicated, !options.Mapped, options.Tokens, options.Rank);
                    dedicated.Step(options.Steps);
                }
                for (int round = 0; round < options.Rounds; round++)
                {
                    peaks.Add(GemmPeak.Measure(model, options.Tokens, rounds: 2));
                    alone.Add(InTurn(turns, runs.Take(1), options.Steps));
                    together.Add(Together(turns, runs, options.Steps));
                    inTurn.Add(InTurn(turns, runs, options.Steps));
                    if (dedicated is not null) apart.Add(dedicated.Step(options.Steps));
                }
                foreach (var run in runs) run.Dispose();
            }
            var report = new BenchReport(FormattableString.Invariant($"{source.Name}, {source.Type}, {options.Tokens} tokens a step, LoRA r = {options.Rank} on all linear layers, {options.Policy}, {options.Rounds} rounds, {get_num_threads()} threads"), "train", output);
            Add("one run", alone, 1, null);
            Add($"{options.Adapters} together", together, options.Adapters, togetherMemory);
            Add($"{options.Adapters} in turn", inTurn, options.Adapters, inTurnMemory);
            if (dedicated is not null) Add($"{options.Dedicated} processes, {(options.Mapped ? "base mapped" : "own copies")}", apart, options.Dedicated, dedicated.PeakOf(options.Steps), options.Dedicated);
            report.Write();
            return 0;

            void Add(string name, List<double> seconds, int count, ProcessMemoryReading? memory, int processes = 1) => report.Add(
                new Figure("variant", name),
                new Figure("s", BenchReport.Median(seconds)),
                new Figure("tokens/s", count * tokens / BenchReport.Median(seconds), "0.0"),
                new Figure("to one after the other", BenchReport.Median(seconds.Zip(inTurn, (own, turn) => own / turn)) * options.Adapters / count, "0.000"),
                new Figure("GFLOP/s", count * operations / BenchReport.Median(seconds) / 1e9, "0"),
                new Figure("to GEMM peak", BenchReport.Median(seconds.Zip(peaks, (own, peak) => count * operations / own / peak)), "0.000"),
                new Figure("PSS MB a process", memory?.ProportionalBytes / 1e6 / processes, "0.0"),
                new Figure("total MB", memory?.ProportionalBytes / 1e6, "0.0"),
                new Figure("MB a run", memory?.ProportionalBytes / 1e6 / count, "0.0"));
        }
        finally
        {
            dedicated?.Dispose();
        }
    }

    private static double InTurn(StepScheduler turns, IEnumerable<BenchRun> runs, int steps)
    {
        long start = Stopwatch.GetTimestamp();
        foreach (var run in runs)
            for (int step = 0; step < steps; step++) turns.RunAsync(run.Demand, run.Step).GetAwaiter().GetResult();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Together(StepScheduler turns, IEnumerable<BenchRun> runs, int steps)
    {
        long start = Stopwatch.GetTimestamp();
        Task.WhenAll(runs.Select(async run =>
        {
            for (int step = 0; step < steps; step++) await turns.RunAsync(run.Demand, run.Step).ConfigureAwait(false);
        })).GetAwaiter().GetResult();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
