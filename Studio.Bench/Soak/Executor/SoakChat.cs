using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Data;
using Studio.Core.Execution;
using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Bench.Soak.Executor;

/// <summary>A chat that depends on nothing but its seed: a prompt, an adapter or none, and the tokens that are likeliest after it.</summary>
internal sealed class SoakChat : IDisposable
{
    private readonly BaseModel _model;
    private readonly IBaseLayers _layers;
    private readonly IAdapter? _adapter;
    private readonly KeyValueCache _cache;
    private readonly List<int> _tokens = [];
    private readonly int[] _prompt;

    /// <summary>Attaches to the executor.</summary>
    public SoakChat(BaseModel model, ulong seed, string name)
    {
        _model = model;
        var random = new RandomSource(seed);
        _prompt = [.. Enumerable.Range(0, 1 + random.Next(40)).Select(_ => random.Next(model.Config.Vocabulary))];
        if (random.Next(3) > 0)
        {
            _adapter = AdapterMethods.Build(new LoraSpec { Rank = 1 + random.Next(6), Initialisation = LoraStart.Random }, model.AdapterSite());
            using var values = new Generator(seed);
            _adapter.Initialize(values);
        }
        _cache = new KeyValueCache(model.Config, model.ComputeType, model.Device);
        _layers = model.Executor.Attach(new ClientOptions { Name = name, Phase = PassKind.Decode, Goal = PerformanceGoal.Latency });
    }

    /// <summary>Tokens so far.</summary>
    public IReadOnlyList<int> Tokens => _tokens;

    /// <summary>Reads the prompt, or the last token, and chooses the next.</summary>
    public void Next(CancellationToken ct = default)
    {
        int[] ids = _tokens.Count == 0 ? _prompt : [_tokens[^1]];
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var pass = _layers.BeginPass(ids.Length == 1 ? PassKind.Decode : PassKind.Prefill, ct);
        var context = SplitContext.ForInference(_layers, _model.Model.Modules, [_adapter], ct);
        var hidden = _model.Model.Forward(context, new SequenceBatch([new SequenceInput(ids, _cache)]));
        var last = hidden.narrow(0, ids.Length - 1, 1);
        _tokens.Add((int)_model.Model.Logits(context, last, [new RowSpan(0, 1, 0)]).argmax().item<long>());
    }

    /// <summary>Detaches and frees adapter and cache.</summary>
    public void Dispose()
    {
        _layers.Dispose();
        _adapter?.Dispose();
        _cache.Dispose();
    }
}
