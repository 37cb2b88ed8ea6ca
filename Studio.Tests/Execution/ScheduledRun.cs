using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Data;
using Studio.Core.Execution;
using Studio.Core.Training;
using Studio.Tests.Adapters.Doubles;
using Studio.Tests.Support;

namespace Studio.Tests.Execution;

/// <summary>A small fine-tune with dropout; the runs differ in data, rank, batch and seed.</summary>
internal sealed class ScheduledRun : IDisposable
{
    private readonly AdapterInstance _instance;
    private readonly FineTuneLoop _loop;
    private readonly List<double> _losses = [];

    public ScheduledRun(TinyModel model, BaseExecutor executor, int run)
    {
        var random = new RandomSource((ulong)run);
        var samples = Enumerable.Range(0, 4).Select(_ => Sample(random, 3 + random.Next(14))).ToList();
        var settings = new TrainingSettings
        {
            Epochs = 100, MaxSteps = 6, EvalFraction = 0, BatchSize = 1 + run % 3, GradientAccumulation = 1 + run % 2,
            LearningRate = 5e-3, Schedule = ScheduleKind.Constant, WarmupRatio = 0, Seed = run,
        };
        _instance = new AdapterInstance($"run {run}", HookAdapters.Lora(model, new LoraSpec { Rank = 2 + run, Alpha = 8, Dropout = 0.1 }, seed: (ulong)(20 + run)));
        var data = TrainingData.Build(new RenderedRows { Samples = samples, Truncated = 0, Dropped = 0 }, settings, (ulong)run);
        _loop = new FineTuneLoop(model.Model, executor.Attach(new ClientOptions { Name = $"run {run}" }), _instance, data, settings);
        int rows = samples.Max(sample => sample.Length) * settings.BatchSize;
        Demand = new StepDemand($"run {run}", rows * settings.GradientAccumulation, rows);
    }

    public StepDemand Demand { get; }

    public bool IsDone => _loop.IsDone;

    public double[] Losses => [.. _losses];

    public bool Step()
    {
        _losses.Add(_loop.RunStep().Loss.Mean);
        return true;
    }

    public void Dispose()
    {
        _loop.Dispose();
        _instance.Dispose();
    }

    private static TrainingSample Sample(RandomSource random, int length) => new([.. Enumerable.Range(0, length).Select(_ => random.Next(41))], [.. Enumerable.Repeat(true, length)]);
}
