using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Generation;
using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Core.Text;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Generation;

/// <summary>
/// A small model of the fixtures in fp32, with a tokenizer whose first 256 tokens are the bytes. Decodes sessions pass by pass and keeps
/// the logits of every token.
/// </summary>
internal sealed class DecodeRig(string model = "llama") : IDisposable
{
    private static readonly Lazy<TextTokenizer> Bytes = new(() => TextTokenizer.Load(Path.Combine(FixtureFolder.Root, "tokenizers", "gpt2")));
    private readonly List<AdapterInstance> _adapters = [];

    public BaseModel Model { get; } = BaseModel.Load(model, FixtureFolder.Model(model), ScalarType.Float32, CPU);

    public TextTokenizer Tokenizer { get; } = Bytes.Value;

    /// <summary>An adapter with random values, freed with the rig.</summary>
    public AdapterInstance Add(IAdapter adapter, ulong seed = 5)
    {
        using var random = new Generator(seed);
        using var grad = no_grad();
        foreach (var entry in adapter.Parameters.Entries) adapter.Parameters[entry.Name].normal_(0, 0.1, random);
        _adapters.Add(new AdapterInstance($"adapter {_adapters.Count}", adapter));
        return _adapters[^1];
    }

    /// <summary>LoRA on every projection.</summary>
    public AdapterInstance Lora(ulong seed, int rank = 4) => Add(AdapterMethods.Build(new LoraSpec { Rank = rank, Alpha = 8 }, Model.AdapterSite()), seed);

    /// <summary>Decodes to the end, all sessions in one batch; <paramref name="layers"/> stays with the caller.</summary>
    public IReadOnlyList<DecodeTrace> Decode(IBaseLayers layers, params GenerationRequest[] requests) => Decode(layers, null, requests);

    /// <summary>The same, each answer beginning with what others know of its prompt.</summary>
    public IReadOnlyList<DecodeTrace> Decode(IBaseLayers layers, PrefixReuse? reuse, params GenerationRequest[] requests)
    {
        var sessions = requests.Select(request =>
            new GenerationSession(request, Tokenizer, new KeyValueCache(Model.Config, Model.ComputeType, Model.Device), [], 4096, CancellationToken.None)).ToList();
        var traces = sessions.Select(_ => new DecodeTrace()).ToList();
        var recorder = new HeadRecorder(layers);
        var pass = new DecodePass(Model, recorder, reuse);
        while (sessions.Any(session => !session.Ended))
        {
            var live = sessions.Where(session => !session.Ended).ToList();
            recorder.Logits.Clear();
            pass.Run(live);
            var complete = live.Where(session => !session.IsReading).ToList();
            for (int i = 0; i < Math.Min(complete.Count, recorder.Logits.Count); i++) traces[sessions.IndexOf(complete[i])].Logits.Add(recorder.Logits[i]);
        }
        for (int i = 0; i < sessions.Count; i++)
        {
            while (sessions[i].Pieces.TryRead(out var piece)) traces[i].Pieces.Add(piece);
            traces[i].Reused = sessions[i].Reused;
            if (reuse is null) sessions[i].Dispose();
            else reuse.End(sessions[i]);
        }
        return traces;
    }

    /// <summary>Decodes one request alone, without a service.</summary>
    public DecodeTrace Alone(GenerationRequest request) => Decode(new DirectBaseLayers(Model.Layers), request)[0];

    /// <summary>Logits of the last position by one forward over the whole sequence, without a cache.</summary>
    public float[] WholeForward(IReadOnlyList<int> ids, IAdapter? adapter)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var context = SplitContext.ForInference(new DirectBaseLayers(Model.Layers), Model.Model.Modules, [adapter]);
        var hidden = Model.Model.Forward(context, SequenceBatch.Of([.. ids]));
        return Model.Model.Logits(context, hidden.narrow(0, hidden.size(0) - 1, 1), [new RowSpan(0, 1, 0)]).ToFloatArray();
    }

    /// <summary>Random token ids.</summary>
    public static int[] Prompt(int length, ulong seed)
    {
        var random = new Studio.Core.Data.RandomSource(seed);
        return [.. Enumerable.Range(0, length).Select(_ => random.Next(256))];
    }

    /// <summary>A request for the most likely tokens.</summary>
    public static GenerationRequest Greedy(IReadOnlyList<int> prompt, AdapterInstance? adapter = null, int tokens = 12) =>
        new() { Prompt = prompt, Adapter = adapter, Sampling = new SamplingSettings { Greedy = true, MaxNewTokens = tokens } };

    public void Dispose()
    {
        foreach (var adapter in _adapters) adapter.Dispose();
        Model.Dispose();
    }
}

/// <summary>What a session produced.</summary>
internal sealed class DecodeTrace
{
    /// <summary>Logits of each token, [vocabulary].</summary>
    public List<float[]> Logits { get; } = [];

    public List<GeneratedPiece> Pieces { get; } = [];

    /// <summary>Tokens of the prompt that needed no reading.</summary>
    public int Reused { get; set; }

    /// <summary>The most likely token of each position.</summary>
    public int[] Tokens => [.. Logits.Select(logits => Array.IndexOf(logits, logits.Max()))];

    public string Text => string.Concat(Pieces.Select(piece => piece.Text));
}

/// <summary>Keeps the rows that the output head gives.</summary>
internal sealed class HeadRecorder(IBaseLayers inner) : IBaseLayers
{
    public List<float[]> Logits { get; } = [];

    public LayerDescription Describe(LayerId layer) => inner.Describe(layer);

    public Tensor Forward(LayerId layer, Tensor x, RowGroups? rowGroups = null, CancellationToken ct = default)
    {
        var y = inner.Forward(layer, x, rowGroups, ct);
        if (layer == LayerId.Head) Logits.AddRange(y.ToFloatArray().Chunk((int)y.size(1)));
        return y;
    }

    public Tensor Backward(LayerId layer, Tensor dy, RowGroups? rowGroups = null, CancellationToken ct = default) => inner.Backward(layer, dy, rowGroups, ct);

    public IDisposable BeginPass(PassKind kind, CancellationToken ct = default) => inner.BeginPass(kind, ct);

    public void Dispose() => inner.Dispose();
}
