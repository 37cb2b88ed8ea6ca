using System.Diagnostics;
using Studio.Core.Tensors;
using Studio.Core.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Studio.Bench.Measure;

/// <summary>What to measure.</summary>
internal sealed record OptimizerSpeedOptions(int Rank, int Steps, int Rounds);

/// <summary>
/// AdamW and clipping by the global norm on the flat buffers of a LoRA adapter, against TorchSharp's own over the same tensors one by one. Both take turns and go the same
/// way: the report says how far apart their values are in the end.
/// </summary>
internal static class OptimizerSpeed
{
    private const double LearningRate = 1e-4, LargestNorm = 1;

    // AdamW reads value, gradient and both moments and writes all but the gradient; clipping reads the gradients for the norm, then reads and writes them.
    private const int UpdateBytes = 7 * sizeof(float), ClipBytes = 3 * sizeof(float);

    /// <summary>Writes the table.</summary>
    public static int Run(BenchModel source, OptimizerSpeedOptions options, TextWriter output)
    {
        using var model = source.Load();
        using var run = new BenchRun(model, tokens: 1, options.Rank, seed: 1);
        var flat = run.Adapter.Parameters;
        using var scope = NewDisposeScope();
        var tensors = Copies(flat);
        var settings = new AdamWOptions();
        var fused = new FlatAdamW(settings);
        using var single = optim.AdamW(tensors, LearningRate, settings.Beta1, settings.Beta2, settings.Epsilon, settings.WeightDecay);
        (string Name, int Bytes, Action Work)[] variants =
        [
            ("AdamW, flat", UpdateBytes, () => fused.Step(flat, LearningRate)),
            ("AdamW, tensor by tensor", UpdateBytes, () => single.step()),
            ("clip, flat", ClipBytes, () => GradientClipping.ClipGlobalNorm(flat, LargestNorm)),
            ("clip, tensor by tensor", ClipBytes, () => nn.utils.clip_grad_norm_(tensors, LargestNorm)),
        ];
        var seconds = variants.Select(_ => new List<double>()).ToList();
        for (int round = -1; round < options.Rounds; round++)
        {
            for (int i = 0; i < variants.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                for (int step = 0; step < options.Steps; step++) variants[i].Work();
                if (round >= 0) seconds[i].Add(Stopwatch.GetElapsedTime(start).TotalSeconds / options.Steps);
            }
        }
        double bandwidth = MemoryBandwidth.Measure();
        var report = new BenchReport(FormattableString.Invariant($"{source.Name}, LoRA r = {options.Rank} on all linear layers, {tensors.Count} tensors, {flat.Count} values, {options.Rounds} rounds of {options.Steps} steps, {get_num_threads()} threads, memory {bandwidth / 1e9:0.0} GB/s"), "optimizer", output);
        double apart = Distance(flat, tensors);
        for (int i = 0; i < variants.Length; i++)
        {
            double median = BenchReport.Median(seconds[i]), rate = (double)variants[i].Bytes * flat.Count / median;
            var one = seconds[i | 1];
            report.Add(
                new Figure("variant", variants[i].Name),
                new Figure("ms a step", median * 1e3, "0.000"),
                new Figure("to tensor by tensor", BenchReport.Median(seconds[i].Zip(one, (own, other) => own / other)), "0.000"),
                new Figure("GB/s", rate / 1e9, "0.0"),
                new Figure("to bandwidth", rate / bandwidth, "0.000"),
                new Figure("values apart", apart, "0.0e+0"));
        }
        report.Write();
        return 0;
    }

    // The same values and the same gradients as tensors of their own.
    private static List<Parameter> Copies(FlatParameters flat)
    {
        using var random = new Generator(3);
        var tensors = new List<Parameter>();
        foreach (var entry in flat.Entries)
        {
            var parameter = new Parameter(flat[entry.Name].detach().clone());
            parameter.grad = randn(entry.Shape, generator: random) * 0.01;
            flat.AddGradient(entry.Name, parameter.grad);
            tensors.Add(parameter);
        }
        return tensors;
    }

    private static double Distance(FlatParameters flat, List<Parameter> tensors)
    {
        using var scope = NewDisposeScope();
        return flat.Entries.Zip(tensors, (entry, tensor) => (flat[entry.Name].detach() - tensor.detach()).abs().max().item<float>()).Max();
    }
}
