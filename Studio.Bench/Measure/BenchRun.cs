using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Data;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Training;
using static TorchSharp.torch;

namespace Studio.Bench.Measure;

/// <summary>One fine-tune of a measurement: LoRA on all linear layers, AdamW, always the same sample, every token trained.</summary>
internal sealed class BenchRun : IDisposable
{
    private readonly IBaseLayers _layers;
    private readonly SampleLoss _loss;
    private readonly FlatAdamW _optimizer = new(new AdamWOptions());
    private readonly TrainingSample _sample;
    private readonly Generator _random;

    /// <summary>Attaches to the executor of a model.</summary>
    /// <param name="model">The base.</param>
    /// <param name="tokens">Tokens a step.</param>
    /// <param name="rank">Rank of LoRA.</param>
    /// <param name="seed">Seed of its first values.</param>
    /// <param name="dropout">LoRA's dropout.</param>
    /// <param name="stateFiles">Paths of files for values and moments, which need no memory between steps then; null = they lie in memory.</param>
    public BenchRun(BaseModel model, int tokens, int rank, ulong seed, double dropout = 0, Func<string>? stateFiles = null)
    {
        _layers = model.Executor.Attach(new ClientOptions { Name = $"run {seed}" });
        _loss = new SampleLoss(model.Model, _layers);
        _random = new Generator(seed);
        _sample = Sample(model.Config.Vocabulary, tokens);
        Adapter = AdapterMethods.Build(((LoraSpec)AdapterMethods.Named(LoraSpec.MethodName).Defaults) with { Rank = rank, Dropout = dropout }, model.AdapterSite(stateFiles));
        Adapter.Initialize(_random);
        Demand = new StepDemand($"run {seed}", tokens, tokens);
    }

    /// <summary>What a step asks for.</summary>
    public StepDemand Demand { get; }

    /// <summary>What is trained.</summary>
    public IAdapter Adapter { get; }

    /// <summary>A sample of some tokens.</summary>
    public static TrainingSample Sample(int vocabulary, int tokens) =>
        new([.. Enumerable.Range(0, tokens).Select(i => (i * 7919 + 13) % Math.Min(vocabulary, 32000))], [.. Enumerable.Repeat(true, tokens)]);

    /// <summary>Forward and backward; gradients are collected. The loss.</summary>
    public double Backpropagate()
    {
        var loss = _loss.Backpropagate([_sample], Adapter, _random, _sample.TrainedTokens);
        Adapter.Parameters.CollectGradients();
        return loss.Mean;
    }

    /// <summary>One optimizer step; the loss before it.</summary>
    public double Step()
    {
        double loss = Backpropagate();
        _optimizer.Step(Adapter.Parameters, 1e-4);
        Adapter.Parameters.ReleaseGradients();
        Adapter.Parameters.Park();
        return loss;
    }

    /// <summary>Detaches and frees the adapter.</summary>
    public void Dispose()
    {
        Adapter.Dispose();
        _random.Dispose();
        _layers.Dispose();
    }
}
