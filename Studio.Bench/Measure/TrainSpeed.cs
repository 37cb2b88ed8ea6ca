using System.Diagnostics;
using Studio.Core.Execution;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Bench.Measure;

/// <summary>What to measure.</summary>
internal sealed record TrainSpeedOptions(int Adapters, int Tokens, int Rank, int Steps, int Rounds, BatchingPolicy Policy);

/// <summary>
/// N fine-tunes at once against the same N one after the other and against one alone, on one base. The three take turns, so that their ratios hold
/// on a machine whose speed drifts; the yardstick of the hardware is <see cref="GemmPeak"/>, measured in every round.
/// </summary>
internal static class TrainSpeed
{
    /// <summary>Writes the table.</summary>
    public static int Run(BenchModel source, TrainSpeedOptions options, TextWriter output)
    {
        using var model = source.Load(new ExecutorOptions { Policy = options.Policy });
        using var lanes = new ComputeLanePool();
        var runs = Enumerable.Range(1, options.Adapters).Select(seed => new BenchRun(model, options.Tokens, options.Rank, (ulong)seed)).ToList();
        var (alone, together, inTurn, peaks) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (int round = -1; round < options.Rounds; round++)
        {
            double peak = GemmPeak.Measure(model, options.Tokens, rounds: 2), one = InTurn(lanes, runs.Take(1), options.Steps);
            double all = Together(lanes, runs, options.Steps), each = InTurn(lanes, runs, options.Steps);
            if (round < 0) continue; // the first touches everything for the first time
            peaks.Add(peak);
            alone.Add(one);
            together.Add(all);
            inTurn.Add(each);
        }
        foreach (var run in runs) run.Dispose();

        double tokens = (double)options.Steps * options.Tokens, operations = 4.0 * GemmPeak.MultipliedWeights(model) * tokens;
        var report = new BenchReport(FormattableString.Invariant($"{source.Name}, {source.Type}, {options.Tokens} tokens a step, LoRA r = {options.Rank} on all linear layers, {options.Policy}, {options.Rounds} rounds, {get_num_threads()} threads"), "train", output);
        Add("one run", alone, 1);
        Add($"{options.Adapters} together", together, options.Adapters);
        Add($"{options.Adapters} in turn", inTurn, options.Adapters);
        report.Write();
        return 0;

        void Add(string name, List<double> seconds, int count) => report.Add(
            new Figure("variant", name),
            new Figure("s", BenchReport.Median(seconds)),
            new Figure("tokens/s", count * tokens / BenchReport.Median(seconds), "0.0"),
            new Figure("to one after the other", BenchReport.Median(seconds.Zip(inTurn, (own, turn) => own / turn)) * options.Adapters / count, "0.000"),
            new Figure("GFLOP/s", count * operations / BenchReport.Median(seconds) / 1e9, "0"),
            new Figure("to GEMM peak", BenchReport.Median(seconds.Zip(peaks, (own, peak) => count * operations / own / peak)), "0.000"));
    }

    private static double InTurn(ComputeLanePool lanes, IEnumerable<BenchRun> runs, int steps)
    {
        long start = Stopwatch.GetTimestamp();
        foreach (var run in runs)
            for (int step = 0; step < steps; step++) lanes.RunAsync(LanePriority.Training, () => run.Step()).GetAwaiter().GetResult();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Together(ComputeLanePool lanes, IEnumerable<BenchRun> runs, int steps)
    {
        long start = Stopwatch.GetTimestamp();
        Task.WhenAll(runs.Select(async run =>
        {
            for (int step = 0; step < steps; step++) await lanes.RunAsync(LanePriority.Training, () => run.Step()).ConfigureAwait(false);
        })).GetAwaiter().GetResult();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
