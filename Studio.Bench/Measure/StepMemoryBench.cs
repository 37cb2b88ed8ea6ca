using Studio.Core.Runs;
using Studio.Core.Tensors;

namespace Studio.Bench.Measure;

/// <summary>What to measure.</summary>
internal sealed record StepMemoryOptions(IReadOnlyList<int> Tokens, int Rank, double Dropout, int Rounds);

/// <summary>The forecast of a training step's memory against the measured peak above what is there between steps.</summary>
internal static class StepMemoryBench
{
    /// <summary>Writes the table.</summary>
    public static int Run(BenchModel source, StepMemoryOptions options, TextWriter output)
    {
        using var model = source.Load();
        var report = new BenchReport(FormattableString.Invariant($"{source.Name}, {source.Type}, LoRA r = {options.Rank}, dropout {options.Dropout}, {options.Rounds} rounds"), "step-memory", output);
        foreach (int tokens in options.Tokens)
        {
            using var run = new BenchRun(model, tokens, options.Rank, 1, options.Dropout);
            // Touches every weight, and makes the moments.
            run.Step();
            var peaks = Enumerable.Range(0, options.Rounds).Select(_ => PeakOf(() => run.Step())).ToList();
            var forecast = StepMemory.Of(model.Config, model.ComputeType, new StepShape(tokens, tokens), run.Adapter.Parameters.Count,
                new RecordedParts(Operations: false, Updates: options.Dropout > 0, Dropout: options.Dropout > 0));
            long predicted = forecast.Gradients + forecast.Activations + forecast.Logits;
            report.Add(
                new Figure("tokens", tokens),
                new Figure("activations MB", forecast.Activations / 1e6, "0.0"),
                new Figure("logits MB", forecast.Logits / 1e6, "0.0"),
                new Figure("gradients MB", forecast.Gradients / 1e6, "0.0"),
                new Figure("forecast MB", predicted / 1e6, "0.0"),
                new Figure("measured MB", BenchReport.Median(peaks), "0.0"),
                new Figure("forecast / measured", predicted / 1e6 / BenchReport.Median(peaks), "0.00"));
        }
        report.Write();
        return 0;
    }

    private static double PeakOf(Action step)
    {
        long before = PeakMemory.ResetFreed();
        step();
        return (DeviceMemory.Read().PeakResidentBytes - before) / 1e6;
    }
}
