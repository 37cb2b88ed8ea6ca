using System.Text.Json;
using Studio.Core;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Serving;
using Studio.Core.Storage;

namespace Studio.Tests.Web.Doubles;

/// <summary>Adapters in memory; remembers what was asked of them.</summary>
internal sealed class TestAdapterService : IAdapterService
{
    private readonly List<AdapterRecord> _adapters = [];

    public event Action? Changed;

    /// <summary>Ids of adapters in training.</summary>
    public HashSet<string> Training { get; } = [];

    /// <summary>Why the next creation, change, deletion or reading of tensors is refused; null = it is not.</summary>
    public StudioException? Refused { get; set; }

    /// <summary>What <see cref="TensorsAsync"/> answers.</summary>
    public IReadOnlyList<AdapterTensorInfo> Tensors { get; set; } = [];

    /// <summary>What <see cref="ChatAsync"/> answers.</summary>
    public AdapterChat? Chat { get; set; }

    /// <summary>Specification, model and seed of each creation.</summary>
    public List<(AdapterSpec Spec, string ModelId, long Seed)> Created { get; } = [];

    /// <summary>Adds an adapter as the newest.</summary>
    public AdapterRecord Add(string id, string? name = null, string? runId = null, AdapterSpec? spec = null, string modelId = TestModelService.ModelId, string fingerprint = "f")
    {
        var adapter = new AdapterRecord
        {
            Id = id,
            Name = name ?? id,
            Method = (spec ?? new LoraSpec()).Method,
            BaseModelId = modelId,
            BaseFingerprint = fingerprint,
            RunId = runId,
            TrainableParameters = 155_648,
            Bytes = 630_784,
            Spec = AdapterSpecJson.Write(spec ?? new LoraSpec()),
            CreatedAt = DateTimeOffset.UnixEpoch,
            UpdatedAt = DateTimeOffset.UnixEpoch,
        };
        _adapters.Insert(0, adapter);
        Changed?.Invoke();
        return adapter;
    }

    /// <summary>Changes an adapter and says so.</summary>
    public AdapterRecord Change(string id, Func<AdapterRecord, AdapterRecord> change)
    {
        var index = _adapters.FindIndex(adapter => adapter.Id == id);
        _adapters[index] = change(_adapters[index]);
        Changed?.Invoke();
        return _adapters.Single(adapter => adapter.Id == id);
    }

    public Task<IReadOnlyList<AdapterRecord>> ListAsync(CancellationToken ct = default) => Task.FromResult<IReadOnlyList<AdapterRecord>>([.. _adapters]);

    public Task<AdapterRecord> GetAsync(string id, CancellationToken ct = default) =>
        _adapters.Find(adapter => adapter.Id == id) is { } found ? Task.FromResult(found) : Task.FromException<AdapterRecord>(new NotFoundException("adapter", id));

    public Task<AdapterRecord> CreateAsync(string name, AdapterSpec spec, string modelId, long seed = 42, CancellationToken ct = default) => Answer(() =>
    {
        Created.Add((spec, modelId, seed));
        return Add($"new{Created.Count}", name, spec: spec, modelId: modelId);
    });

    /// <summary>What the settings say of themselves, and one finding of the model's.</summary>
    public IReadOnlyList<string> Check(AdapterSpec spec, string modelId)
    {
        var problems = spec.Problems().ToList();
        if (spec is TargetedSpec targeted && targeted.Targets.Names.Contains("lm_head"))
            problems.Add("The target module 'lm_head' matches nothing in this model.");
        return problems;
    }

    /// <summary>What would learn nothing.</summary>
    public IReadOnlyList<string> IdleParts { get; set; } = [];

    /// <summary>What depends on every adapter.</summary>
    public AdapterUses Uses { get; set; } = new([], [], 0);

    /// <summary>What <see cref="StageAsync"/> answers, by the package's name.</summary>
    public Func<string, StagedAdapter>? Staged { get; set; }

    /// <summary>Name and model of each import.</summary>
    public List<(string Name, string ModelId)> Imported { get; } = [];

    public IReadOnlyList<string> Idle(AdapterSpec spec, string modelId) => IdleParts;

    /// <summary>A thousand for each rank.</summary>
    public long CountParameters(AdapterSpec spec, string modelId) => 1_000L * (spec is LoraSpec lora ? lora.Rank : 1);

    public Task<StagedAdapter> StageAsync(AdapterPackage package, CancellationToken ct = default) => Answer(() => Staged!(package.Name));

    public Task<AdapterRecord> ImportAsync(StagedAdapter staged, string name, string modelId, CancellationToken ct = default) => Answer(() =>
    {
        Imported.Add((name, modelId));
        return Add($"imported{Imported.Count}", name, spec: staged.Spec, modelId: modelId);
    });

    public Task<AdapterRecord> DuplicateAsync(string id, string name = "", CancellationToken ct = default) => Answer(() =>
    {
        var copy = Add(id + "-copy", name.Length > 0 ? name : "Copy");
        return Change(copy.Id, adapter => adapter with { ParentId = id, Source = AdapterSource.Copy });
    });

    public Task<AdapterUses> UsesAsync(string id, CancellationToken ct = default) => Task.FromResult(Uses);

    public Task<string> ConfigAsync(string id, CancellationToken ct = default) => Task.FromResult("{ \"peft_type\": \"LORA\" }");

    public bool IsTraining(string id) => Training.Contains(id);

    public Task<IReadOnlyList<AdapterTensorInfo>> TensorsAsync(string id, CancellationToken ct = default) => Answer(() => Tensors);

    public Task<AdapterRecord> UpdateAsync(string id, string name, IReadOnlyList<string> tags, string notes, CancellationToken ct = default) =>
        Answer(() => Change(id, adapter => adapter with { Name = name, Tags = tags, Notes = notes }));

    public Task<AdapterChat?> ChatAsync(string id, CancellationToken ct = default) => Task.FromResult(Chat);

    public Task<OutputDifference> ExportAsync(string id, Stream zip, CancellationToken ct = default) => Task.FromResult(Difference);

    public OutputDifference Difference { get; set; } = new(0.001, 20, 32, 32);

    public Task<CombinedAdapter> CombineAsync(CombineAdapters request, CancellationToken ct = default)
    {
        Combined = request;
        return Task.FromResult(new CombinedAdapter(Add($"combined{_adapters.Count}", request.Name), Difference));
    }

    public CombineAdapters? Combined { get; private set; }

    public StudioException? MergeRefusal { get; set; }

    public Task<MergedModel> MergeAsync(string id, string name = "", IProgress<double>? progress = null, CancellationToken ct = default) =>
        MergeRefusal is { } refusal ? throw refusal : Task.FromResult(new MergedModel(TestModelService.Record("merged", name), Difference));

    public Task DeleteAsync(string id, CancellationToken ct = default) => Answer(() =>
    {
        _adapters.RemoveAll(adapter => adapter.Id == id);
        Changed?.Invoke();
        return id;
    });

    private Task<T> Answer<T>(Func<T> answer) => Refused is { } refusal ? Task.FromException<T>(refusal) : Task.FromResult(answer());
}
