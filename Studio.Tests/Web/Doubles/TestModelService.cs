using Studio.Core;
using Studio.Core.Adapters;
using Studio.Core.Execution;
using Studio.Core.Hub;
using Studio.Core.Serving;
using Studio.Core.Storage;

namespace Studio.Tests.Web.Doubles;

/// <summary>One loaded base model, unless a test says otherwise.</summary>
internal sealed class TestModelService : IModelService
{
    public const string ModelId = "base";

    private IReadOnlyList<LoadedModelInfo> _loaded = [Model(ModelId, "starter", "f")];

    public event Action? Changed;

    public IReadOnlyList<LoadedModelInfo> Loaded
    {
        get => _loaded;
        set
        {
            _loaded = value;
            Changed?.Invoke();
        }
    }

    public IReadOnlyList<ModelLoading> Loading { get; set; } = [];

    /// <summary>Models that are known and not loaded.</summary>
    public List<KnownModel> Unloaded { get; } = [];

    public List<CachedModel> Cached { get; } = [];

    /// <summary>Who uses every model.</summary>
    public IReadOnlyList<string> Users { get; set; } = [];

    /// <summary>Changes what details say.</summary>
    public Func<ModelDetails, ModelDetails> Detailing { get; set; } = details => details;

    /// <summary>What loading fails with; null = nothing.</summary>
    public StudioException? LoadRefusal { get; set; }

    /// <summary>What choosing a policy fails with; null = nothing.</summary>
    public StudioException? PolicyRefusal { get; set; }

    /// <summary>What was asked for, one line each.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>Handlers that are attached.</summary>
    public int Handlers => Changed?.GetInvocationList().Length ?? 0;

    /// <summary>A loaded model.</summary>
    public static LoadedModelInfo Model(string id, string name, string fingerprint) => new(Record(id, name, fingerprint), "cpu", 7_340_032, 2);

    public static ModelRecord Record(string id, string name, string fingerprint = "f") => new()
    {
        Id = id,
        Name = name,
        Folder = "/models/" + name,
        Fingerprint = fingerprint,
        Family = "llama",
        Parameters = 3_670_000,
        Bytes = 7_340_032,
        ComputeType = "bfloat16",
        ContextLength = 512,
        AddedAt = DateTimeOffset.UnixEpoch,
    };

    public void Signal() => Changed?.Invoke();

    public IReadOnlyList<string> TargetModules(string modelId) => ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    public IReadOnlyList<TargetChoiceInfo> Targets(string modelId) => Known;

    /// <summary>What adapters can target on every model.</summary>
    public static IReadOnlyList<TargetChoiceInfo> Known { get; } =
    [
        .. new[] { "q_proj", "k_proj", "v_proj", "o_proj" }.Select(name => new TargetChoiceInfo(name, TargetKinds.Linear, true)),
        .. new[] { "gate_proj", "up_proj", "down_proj" }.Select(name => new TargetChoiceInfo(name, TargetKinds.Linear, false)),
        new("input_layernorm", TargetKinds.Norm, false), new("norm", TargetKinds.Norm, false), new("embed_tokens", TargetKinds.Embedding, false),
    ];

    public IReadOnlyList<string> UsersOf(string modelId) => Users;

    public Task<IReadOnlyList<KnownModel>> ListAsync(CancellationToken ct = default) =>
        Task.FromResult<IReadOnlyList<KnownModel>>([.. Loaded.Select(model => new KnownModel(model.Record, true, false, true, null)), .. Unloaded]);

    public async Task<ModelDetails> DetailsAsync(string modelId, CancellationToken ct = default)
    {
        var known = (await ListAsync(ct)).FirstOrDefault(model => model.Record.Id == modelId) ?? throw new NotFoundException("model", modelId);
        return Detailing(new ModelDetails(known, new ModelArchitecture
        {
            Family = "llama",
            Parameters = 3_670_000,
            Layers = 4,
            Hidden = 256,
            Heads = 8,
            KeyValueHeads = 4,
            HeadWidth = 32,
            MlpWidth = 768,
            Experts = 0,
            ExpertsPerToken = 0,
            Vocabulary = 2048,
            ContextLength = 512,
            Window = 0,
            StoredType = "bfloat16",
            Positions = "Rotary, base 10000",
            TiedHead = true,
        }, null, "Starter", "apache-2.0", null, [new ModelTemplate("default", "{{ messages }}")], [new ModelFileInfo("config.json", 700), new ModelFileInfo("model.safetensors", 7_340_032)]));
    }

    public Task<IReadOnlyList<CachedModel>> CacheAsync(CancellationToken ct = default) => Task.FromResult<IReadOnlyList<CachedModel>>([.. Cached]);

    public Task<ModelRecord> LoadAsync(string folder, string computeType = "auto", CancellationToken ct = default)
    {
        Calls.Add($"load {folder} {computeType}");
        return LoadRefusal is null ? Task.FromResult(Loaded[0].Record) : Task.FromException<ModelRecord>(LoadRefusal);
    }

    public Task<ModelRecord> LoadKnownAsync(string modelId, string? computeType = null, CancellationToken ct = default)
    {
        Calls.Add($"load known {modelId}");
        return LoadRefusal is null ? Task.FromResult(Unloaded.Find(model => model.Record.Id == modelId)!.Record) : Task.FromException<ModelRecord>(LoadRefusal);
    }

    public void CancelLoading(string loadingId)
    {
        Calls.Add($"cancel {loadingId}");
        Loading = [.. Loading.Where(loading => loading.Id != loadingId)];
        Changed?.Invoke();
    }

    public Task UnloadAsync(string modelId, CancellationToken ct = default)
    {
        Calls.Add($"unload {modelId}");
        Unloaded.AddRange(Loaded.Where(model => model.Record.Id == modelId).Select(model => new KnownModel(model.Record, false, false, true, null)));
        Loaded = [.. Loaded.Where(model => model.Record.Id != modelId)];
        return Task.CompletedTask;
    }

    public Task SetLoadAtStartAsync(string modelId, bool value, CancellationToken ct = default)
    {
        Calls.Add($"at start {modelId} {value}");
        return Task.CompletedTask;
    }

    public Task SetPolicyAsync(string modelId, BatchingPolicy policy, CancellationToken ct = default)
    {
        Calls.Add($"policy {modelId} {policy}");
        return PolicyRefusal is null ? Task.CompletedTask : Task.FromException(PolicyRefusal);
    }

    public Task RemoveAsync(string modelId, CancellationToken ct = default)
    {
        Calls.Add($"remove {modelId}");
        Unloaded.RemoveAll(model => model.Record.Id == modelId);
        Changed?.Invoke();
        return Task.CompletedTask;
    }
}
