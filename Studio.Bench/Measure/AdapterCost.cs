using System.Diagnostics;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Data;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Core.Training;
using static TorchSharp.torch;

namespace Studio.Bench.Measure;

/// <summary>What to measure.</summary>
internal sealed record AdapterCostOptions(int Tokens, int Rank, int Rounds, IReadOnlyList<string> Methods);

/// <summary>
/// What an adapter adds to a training step. The yardstick is forward, loss and backward over the frozen base alone (the gradient goes down to the
/// embeddings); a method's step is the same with the adapter, gradients collected and AdamW. Variants take turns in one process, so that their ratio
/// holds on a machine whose speed drifts.
/// </summary>
internal static class AdapterCost
{
    private const ulong Seed = 5;

    /// <summary>Writes the table.</summary>
    public static int Run(BenchModel source, AdapterCostOptions options, TextWriter output)
    {
        using var model = source.Load();
        var variants = new List<Variant> { new("frozen base", new EmbeddingLeaf(options.Tokens, model.Config.Hidden), Trains: false) };
        foreach (string method in options.Methods) variants.Add(new Variant(method, Build(method, options.Rank, model), Trains: true));
        using var layers = model.Executor.Attach(new ClientOptions { Name = "bench" });
        var loss = new SampleLoss(model.Model, layers);
        var sample = BenchRun.Sample(model.Config.Vocabulary, options.Tokens);
        var times = variants.Select(_ => new List<double>()).ToList();
        for (int round = -1; round < options.Rounds; round++)
        {
            for (int i = 0; i < variants.Count; i++)
            {
                double seconds = Step(variants[i], loss, sample);
                if (round >= 0) times[i].Add(seconds);
            }
        }
        var report = new BenchReport(FormattableString.Invariant($"{source.Name}, {source.Type}, {options.Tokens} tokens a step, rank {options.Rank}, {options.Rounds} rounds, {get_num_threads()} threads"), "adapters", output);
        for (int i = 0; i < variants.Count; i++)
        {
            double median = BenchReport.Median(times[i]);
            report.Add(
                new Figure("variant", variants[i].Name),
                new Figure("ms a step", median * 1e3, "0.0"),
                new Figure("tokens/s", options.Tokens / median, "0.0"),
                // Round by round: neighbours in time saw the same machine.
                new Figure("to frozen base", BenchReport.Median(times[i].Zip(times[0], (own, frozen) => own / frozen)), "0.000"),
                new Figure("rounds apart", median / BenchReport.Median(times[0]), "0.000"),
                new Figure("trainable", variants[i].Trains ? variants[i].Adapter.Parameters.Count : 0L));
        }
        report.Write();
        foreach (var variant in variants) variant.Adapter.Dispose();
        return 0;
    }

    private static double Step(Variant variant, SampleLoss loss, TrainingSample sample)
    {
        using var random = new Generator(Seed);
        long start = Stopwatch.GetTimestamp();
        loss.Backpropagate([sample], variant.Adapter, random, sample.TrainedTokens);
        variant.Adapter.Parameters.CollectGradients();
        if (variant.Trains) variant.Optimizer.Step(variant.Adapter.Parameters, 1e-4);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        variant.Adapter.Parameters.ReleaseGradients();
        return seconds;
    }

    private static IAdapter Build(string method, int rank, BaseModel model)
    {
        var defaults = AdapterMethods.Named(method).Defaults;
        var adapter = AdapterMethods.Build(defaults is LoraSpec lora ? lora with { Rank = rank } : defaults, model.AdapterSite());
        using var random = new Generator(Seed);
        adapter.Initialize(random);
        return adapter;
    }

    private sealed record Variant(string Name, IAdapter Adapter, bool Trains)
    {
        public FlatAdamW Optimizer { get; } = new(new AdamWOptions());
    }

    /// <summary>A trainable zero on the embeddings: it makes the gradient go all the way down, and nothing else.</summary>
    private sealed class EmbeddingLeaf(int rows, int hidden) : Adapter
    {
        private const string Offset = "offset";

        public override AdapterSpec Spec => throw new NotSupportedException("The yardstick is not an adapter that can be saved.");

        public override FlatParameters Parameters { get; } = new([new FlatEntry(Offset, [rows, hidden])], CPU);

        public override void Initialize(Generator random)
        {
        }

        public override bool ChangesOutput(ModuleTarget module) => module.Kind == ModuleKind.Embedding;

        public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass) => y + Parameters[Offset].to(y.dtype);
    }
}
