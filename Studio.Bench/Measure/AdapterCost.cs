using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
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
internal sealed record AdapterCostOptions(NamedShape Shape, int Blocks, ScalarType Type, int Tokens, int Rank, int Rounds, IReadOnlyList<string> Methods);

/// <summary>
/// What an adapter adds to a training step. The yardstick is forward, loss and backward over the frozen base alone (the gradient goes down to the
/// embeddings); a method's step is the same with the adapter, gradients collected and AdamW. Variants take turns in one process, so that their ratio
/// holds on a machine whose speed drifts.
/// </summary>
internal sealed class AdapterCost(AdapterCostOptions options)
{
    private const ulong Seed = 5;

    /// <summary>Writes a table and a JSON line a variant.</summary>
    public int Run(TextWriter output)
    {
        string folder = Directory.CreateTempSubdirectory("adapter-cost").FullName;
        try
        {
            options.Shape.Write(folder, options.Type, options.Blocks, Seed);
            using var model = BaseModel.Load("bench", folder, options.Type, CPU);
            Measure(model, output);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void Measure(BaseModel model, TextWriter output)
    {
        var variants = new List<Variant> { new("frozen base", new EmbeddingLeaf(options.Tokens, model.Config.Hidden), Trains: false) };
        foreach (string method in options.Methods) variants.Add(new Variant(method, Build(method, model), Trains: true));
        using var layers = model.Executor.Attach(new ClientOptions { Name = "bench" });
        var loss = new SampleLoss(model.Model, layers);
        var sample = Sample(model.Config.Vocabulary);
        var times = variants.Select(_ => new List<double>()).ToList();
        for (int round = -1; round < options.Rounds; round++)
        {
            for (int i = 0; i < variants.Count; i++)
            {
                double seconds = Step(variants[i], loss, sample);
                if (round >= 0) times[i].Add(seconds);
            }
        }
        Report(variants, times, model, output);
        foreach (var variant in variants) variant.Adapter.Dispose();
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

    private void Report(List<Variant> variants, List<List<double>> times, BaseModel model, TextWriter output)
    {
        double yardstick = Median(times[0]);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{options.Shape.Name}, {options.Blocks} blocks, {options.Type}, {options.Tokens} tokens a step, {options.Rounds} rounds, {get_num_threads()} threads"));
        output.WriteLine($"{"variant",-16} {"ms a step",10} {"tokens/s",9} {"to frozen base",15} {"rounds apart",13} {"trainable",10}");
        for (int i = 0; i < variants.Count; i++)
        {
            double median = Median(times[i]);
            // Round by round as well: neighbours in time saw the same machine.
            double ratio = Median([.. times[i].Zip(times[0], (own, frozen) => own / frozen)]);
            long trainable = variants[i].Trains ? variants[i].Adapter.Parameters.Count : 0;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{variants[i].Name,-16} {median * 1e3,10:0.0} {options.Tokens / median,9:0.0} {ratio,15:0.000} {median / yardstick,13:0.000} {trainable,10}"));
        }
        for (int i = 0; i < variants.Count; i++)
        {
            output.WriteLine(JsonSerializer.Serialize(new
            {
                bench = "adapters",
                shape = options.Shape.Name,
                blocks = options.Blocks,
                type = options.Type.ToString(),
                tokens = options.Tokens,
                rank = options.Rank,
                variant = variants[i].Name,
                medianSeconds = Median(times[i]),
                ratio = Median([.. times[i].Zip(times[0], (own, frozen) => own / frozen)]),
                trainable = variants[i].Trains ? variants[i].Adapter.Parameters.Count : 0,
                parameters = model.Config.ParameterCount,
            }));
        }
    }

    private IAdapter Build(string method, BaseModel model)
    {
        var defaults = AdapterMethods.Named(method).Defaults;
        var adapter = AdapterMethods.Build(defaults is LoraSpec lora ? lora with { Rank = options.Rank } : defaults, model.AdapterSite());
        using var random = new Generator(Seed);
        adapter.Initialize(random);
        return adapter;
    }

    private TrainingSample Sample(int vocabulary) => new(
        [.. Enumerable.Range(0, options.Tokens).Select(i => (i * 7919 + 13) % Math.Min(vocabulary, 32000))], [.. Enumerable.Repeat(true, options.Tokens)]);

    private static double Median(List<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[sorted.Count / 2 - 1] + sorted[sorted.Count / 2]) / 2;
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
