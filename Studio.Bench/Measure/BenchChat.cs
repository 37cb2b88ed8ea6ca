using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Bench.Measure;

/// <summary>Sessions that are decoded in one flattened batch, each with an adapter and a cache of its own; what they say does not matter.</summary>
internal sealed class BenchChat : IDisposable
{
    private readonly BaseModel _model;
    private readonly IBaseLayers _layers;
    private readonly List<(IAdapter Adapter, KeyValueCache Cache)> _sessions = [];
    private readonly int _prompt;

    /// <summary>Attaches, and reads a prompt into every cache.</summary>
    public BenchChat(BaseModel model, int sessions, int prompt, int rank)
    {
        _model = model;
        _prompt = prompt;
        _layers = model.Executor.Attach(new ClientOptions { Name = "chat", Phase = PassKind.Decode, Goal = PerformanceGoal.Latency });
        using var random = new Generator(7);
        for (int i = 0; i < sessions; i++)
        {
            var adapter = AdapterMethods.Build(new LoraSpec { Rank = rank, Initialisation = LoraStart.Random }, model.AdapterSite());
            adapter.Initialize(random);
            _sessions.Add((adapter, new KeyValueCache(model.Config, model.ComputeType, model.Device)));
        }
        Pass(PassKind.Prefill, [.. BenchRun.Sample(model.Config.Vocabulary, prompt).Ids]);
    }

    /// <summary>One token for every session; their logits, one after the other.</summary>
    public float[] Next() => Pass(PassKind.Decode, [42]);

    /// <summary>Back to the end of the prompt.</summary>
    public void Rewind()
    {
        foreach (var (_, cache) in _sessions) cache.Truncate(_prompt);
    }

    /// <summary>Detaches and frees adapters and caches.</summary>
    public void Dispose()
    {
        foreach (var (adapter, cache) in _sessions)
        {
            adapter.Dispose();
            cache.Dispose();
        }
        _layers.Dispose();
    }

    private float[] Pass(PassKind kind, int[] ids)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var pass = _layers.BeginPass(kind);
        var context = SplitContext.ForInference(_layers, _model.Model.Modules, [.. _sessions.Select(session => session.Adapter)]);
        var hidden = _model.Model.Forward(context, new SequenceBatch([.. _sessions.Select(session => new SequenceInput(ids, session.Cache))]));
        var last = hidden.index_select(0, tensor(Enumerable.Range(1, _sessions.Count).Select(i => (long)i * ids.Length - 1).ToArray()));
        return _model.Model.Logits(context, last, [.. _sessions.Select((_, i) => new RowSpan(i, 1, i))]).ToFloatArray();
    }
}
