using Studio.Core.Adapters.Methods;
using Studio.Core.Adapters;
using Studio.Core.Clients;
using Studio.Core.Data;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Training;
using static TorchSharp.torch;

namespace Studio.Bench.Soak.Executor;

/// <summary>A short fine-tune that depends on nothing but its seed: adapter, data, batches and dropout.</summary>
internal sealed class SoakRun : IDisposable
{
    private const int Steps = 6;

    private readonly AdapterInstance _instance;
    private readonly FineTuneLoop _loop;
    private readonly List<double> _losses = [];

    /// <summary>Attaches to the executor.</summary>
    /// <param name="model">The base.</param>
    /// <param name="seed">Makes the run what it is.</param>
    /// <param name="name">Name of the client.</param>
    /// <param name="around">Puts something around its door to the base.</param>
    public SoakRun(BaseModel model, ulong seed, string name, Func<IBaseLayers, IBaseLayers>? around = null)
    {
        var random = new RandomSource(seed);
        var settings = new TrainingSettings
        {
            BatchSize = 1 + random.Next(3),
            GradientAccumulation = 1 + random.Next(2),
            MaxSteps = Steps,
            Epochs = 100,
            EvalFraction = 0,
            // Small: Adam takes whole steps also along gradients that are rounding errors, and six of them must stay within the tolerance.
            LearningRate = 1e-4,
            Seed = (long)(seed & int.MaxValue),
        };
        // From a handful of rows, which meet others, to more than a room takes.
        bool large = random.Next(4) == 0;
        var samples = Enumerable.Range(0, 6).Select(_ => Sample(random, model.Config.Vocabulary, large)).ToList();
        Data = TrainingData.Build(new RenderedRows { Samples = samples, Truncated = 0, Dropped = 0 }, settings, seed);
        var spec = new LoraSpec { Rank = 1 + random.Next(6), Alpha = 8, Dropout = random.Next(2) * 0.2, Initialisation = LoraStart.Random };
        var adapter = AdapterMethods.Build(spec, model.AdapterSite());
        using (var values = new Generator(seed)) adapter.Initialize(values);
        _instance = new AdapterInstance(name, adapter);
        var door = model.Executor.Attach(new ClientOptions { Name = name, Share = 1 + random.Next(3) });
        Layers = around?.Invoke(door) ?? door;
        _loop = new FineTuneLoop(model.Model, Layers, _instance, Data, settings);
        int rows = samples.Max(sample => sample.Length) * settings.BatchSize;
        Demand = new StepDemand(name, rows * settings.GradientAccumulation, rows);
    }

    /// <summary>Its data.</summary>
    public TrainingData Data { get; }

    /// <summary>What a step asks for.</summary>
    public StepDemand Demand { get; }

    /// <summary>Its door to the base.</summary>
    public IBaseLayers Layers { get; }

    /// <summary>Whether all steps are taken.</summary>
    public bool IsDone => _loop.IsDone;

    /// <summary>Losses of the steps taken.</summary>
    public IReadOnlyList<double> Losses => _losses;

    /// <summary>Takes a step.</summary>
    public void Step(CancellationToken ct = default) => _losses.Add(_loop.RunStep(ct).Loss.Mean);

    /// <summary>Makes its values no numbers.</summary>
    public void Spoil()
    {
        using (_instance.Write())
        using (no_grad())
            _instance.Adapter.Parameters.Values.fill_(float.NaN);
    }

    /// <summary>Detaches and frees the adapter.</summary>
    public void Dispose()
    {
        _loop.Dispose();
        _instance.Dispose();
    }

    private static TrainingSample Sample(RandomSource random, int vocabulary, bool large)
    {
        int length = large ? 60 + random.Next(40) : 3 + random.Next(10);
        return new([.. Enumerable.Range(0, length).Select(_ => random.Next(vocabulary))], [.. Enumerable.Repeat(true, length)]);
    }
}
