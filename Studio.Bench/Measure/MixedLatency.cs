using System.Diagnostics;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Bench.Measure;

/// <summary>What to measure.</summary>
internal sealed record MixedLatencyOptions(int Adapters, int TrainingTokens, int Prompt, int Tokens, int Rank, int Rounds);

/// <summary>The time from token to token of one chat, on an idle machine and while several fine-tunes train on the same base.</summary>
internal static class MixedLatency
{
    /// <summary>Writes the table.</summary>
    public static int Run(BenchModel source, MixedLatencyOptions options, TextWriter output)
    {
        using var model = source.Load();
        using var lanes = new ComputeLanePool();
        using var turns = new StepScheduler(lanes);
        var runs = Enumerable.Range(1, options.Adapters).Select(seed => new BenchRun(model, options.TrainingTokens, options.Rank, (ulong)seed)).ToList();
        using var chat = new BenchChat(model, 1, options.Prompt, options.Rank);
        var (idle, busy) = (new List<double>(), new List<double>());
        long ticks = 0;
        double steps = 0;
        var largest = new List<double>();
        for (int round = -1; round < options.Rounds; round++)
        {
            var quiet = Chat(lanes, chat, options.Tokens);
            using var stop = new CancellationTokenSource();
            using var begun = new CountdownEvent(runs.Count);
            long taken = 0, first = TrainedRows(model);
            var training = runs.Select(run => Task.Run(async () =>
            {
                for (int step = 0; step == 0 || !stop.IsCancellationRequested; step++)
                {
                    await turns.RunAsync(run.Demand, run.Step).ConfigureAwait(false);
                    Interlocked.Increment(ref taken);
                    if (step == 0) begun.Signal();
                }
            })).ToList();
            begun.Wait();
            long before = TrainedRows(model), start = Stopwatch.GetTimestamp();
            var loaded = Chat(lanes, chat, options.Tokens);
            long rows = TrainedRows(model) - before, passed = Stopwatch.GetTimestamp() - start;
            stop.Cancel();
            Task.WhenAll(training).GetAwaiter().GetResult();
            if (round < 0) continue;
            largest.Add(model.Executor.Timeline.Since(start).Where(span => span.Rows > 1).Max(span => (double)(span.End - span.Start) / Stopwatch.Frequency));
            idle.AddRange(quiet);
            busy.AddRange(loaded);
            // A step may take longer than the chat: parts of steps count by their rows.
            (ticks, steps) = (ticks + passed, steps + (double)rows * taken / (TrainedRows(model) - first));
        }
        foreach (var run in runs) run.Dispose();
        double trained = steps * options.TrainingTokens / ((double)ticks / Stopwatch.Frequency);
        var report = new BenchReport(FormattableString.Invariant($"{source.Name}, {source.Type}, one chat, {options.Adapters} fine-tunes of {options.TrainingTokens} tokens a step beside it, {options.Rounds} rounds of {options.Tokens} tokens, {get_num_threads()} threads"), "mixed", output);
        Add("idle", idle, null);
        Add($"{options.Adapters} fine-tunes", busy, trained);
        report.Write();
        return 0;

        void Add(string name, List<double> seconds, double? tokens) => report.Add(
            new Figure("machine", name),
            new Figure("p50 ms", At(seconds, 0.5) * 1e3, "0.0"),
            new Figure("p95 ms", At(seconds, 0.95) * 1e3, "0.0"),
            new Figure("p99 ms", At(seconds, 0.99) * 1e3, "0.0"),
            new Figure("p95 to idle", At(seconds, 0.95) / At(idle, 0.95)),
            // The unit in which waits are bounded: the longest training call beside the chat.
            new Figure("added p95, in training calls", tokens is null ? null : (At(seconds, 0.95) - At(idle, 0.95)) / BenchReport.Median(largest)),
            new Figure("trained tokens/s", tokens, "0.0"));
    }

    // Rows of base calls that the fine-tunes have had answered.
    private static long TrainedRows(BaseModel model) => model.Counters.Clients.Where(client => !client.Interactive).Sum(client => client.Rows);

    private static List<double> Chat(ComputeLanePool lanes, BenchChat chat, int tokens)
    {
        var seconds = new List<double>();
        lanes.RunAsync(LanePriority.Interactive, chat.Rewind).GetAwaiter().GetResult();
        for (int i = 0; i < tokens; i++)
        {
            long start = Stopwatch.GetTimestamp();
            lanes.RunAsync(LanePriority.Interactive, () => chat.Next()).GetAwaiter().GetResult();
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return seconds;
    }

    private static double At(List<double> values, double part) => values.Order().ElementAt(Math.Min(values.Count - 1, (int)(values.Count * part)));
}
