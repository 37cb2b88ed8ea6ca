using Studio.Core.Adapters;
using Studio.Core.Clients;
using Studio.Core.Storage;
using Studio.Core.Tensors;
using Studio.Core.Text;
using static TorchSharp.torch;

namespace Studio.Core.Serving;

/// <summary>Adapters: PEFT folders in the data directory, and their records.</summary>
public sealed partial class AdapterLibrary : IAdapterService
{
    private readonly DataDirectory _directory;
    private readonly StudioDatabase _database;
    private readonly ModelLibrary _models;
    private readonly AdapterPool _pool;
    private readonly ComputeLanePool _lanes;
    private readonly Func<string, bool> _isTraining;

    /// <summary>Creates the library.</summary>
    public AdapterLibrary(DataDirectory directory, StudioDatabase database, ModelLibrary models, AdapterPool pool, ComputeLanePool lanes, Func<string, bool> isTraining)
    {
        _directory = directory;
        _database = database;
        _models = models;
        _pool = pool;
        _lanes = lanes;
        _isTraining = isTraining;
        _database.Adapters.Changed += _ => Changed?.Invoke();
    }

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public Task<IReadOnlyList<AdapterRecord>> ListAsync(CancellationToken ct = default) => _database.Adapters.ListAsync(ct);

    /// <inheritdoc/>
    public async Task<AdapterRecord> GetAsync(string id, CancellationToken ct = default) =>
        await _database.Adapters.GetAsync(id, ct).ConfigureAwait(false) ?? throw new NotFoundException("adapter", id);

    /// <inheritdoc/>
    public Task<AdapterRecord> CreateAsync(string name, AdapterSpec spec, string modelId, long seed = 42, CancellationToken ct = default) =>
        CreateAsync(StudioId.New(), name, spec, modelId, seed, runId: null, datasetId: null, ct);

    /// <inheritdoc/>
    public IReadOnlyList<string> Check(AdapterSpec spec, string modelId)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (_models.Find(modelId) is not { } model) return [.. spec.Problems(), $"The model '{modelId}' is not loaded."];
        var problems = spec.Problems(model.Base.Model.Modules);
        return problems.Count > 0 || Sized(spec, model, out _) is not 0 ? problems : [AdapterAdvice.NothingToTrain(spec)];
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Idle(AdapterSpec spec, string modelId) =>
        Check(spec, modelId).Count > 0 ? [] : AdapterAdvice.Idle(spec, _models.Get(modelId).Base.Model.Modules);

    /// <inheritdoc/>
    public long CountParameters(AdapterSpec spec, string modelId) => Sized(spec, _models.Get(modelId), out string? refusal) ?? throw new StudioException(refusal!);

    /// <inheritdoc/>
    public bool IsTraining(string id) => _isTraining(id);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AdapterTensorInfo>> TensorsAsync(string id, CancellationToken ct = default)
    {
        await using var lease = await _pool.AcquireAsync(id, ct).ConfigureAwait(false);
        return await _lanes.RunAsync(LanePriority.Interactive, () =>
        {
            using var hold = lease.Instance.Read();
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            var parameters = lease.Instance.Adapter.Parameters;
            var modules = _models.Get(lease.BaseModelId).Base.Model.Modules;
            return (IReadOnlyList<AdapterTensorInfo>)[.. parameters.Entries.Select(entry => new AdapterTensorInfo(entry.Name, entry.Shape, parameters[entry.Name].norm().item<float>()) { Place = TensorPlace.Of(entry.Name, modules) })];
        }, ct).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<AdapterRecord> UpdateAsync(string id, string name, IReadOnlyList<string> tags, string notes, CancellationToken ct = default)
    {
        if (string.IsNullOrWhiteSpace(name)) throw new StudioException("The name is empty; an adapter needs one.");
        return await _database.Adapters.UpdateAsync(id, record => record with { Name = name.Trim(), Tags = [.. tags], Notes = notes }, ct).ConfigureAwait(false)
            ?? throw new NotFoundException("adapter", id);
    }

    /// <inheritdoc/>
    public async Task<AdapterChat?> ChatAsync(string id, CancellationToken ct = default)
    {
        var record = await GetAsync(id, ct).ConfigureAwait(false);
        var model = _models.Find(record.BaseModelId);
        try
        {
            var own = ChatFormat.OfAdapter(_directory.AdapterPath(id));
            return (own ?? model?.Chat) is { } format ? AdapterChat.Of(format, model?.Encoder.Tokenizer, isOwn: own is not null) : null;
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new StudioException($"The chat template of the adapter '{record.Name}' could not be read: {error.Message}", inner: error);
        }
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string id, CancellationToken ct = default)
    {
        var record = await GetAsync(id, ct).ConfigureAwait(false);
        if (_isTraining(id)) throw new StudioException($"'{record.Name}' is in training. Stop its run first.");
        await _database.Adapters.DeleteAsync(id, ct).ConfigureAwait(false);
        AtomicDirectory.Delete(_directory.AdapterPath(id));
        if (_models.Find(record.BaseModelId) is { } model) await model.Generator.ForgetAsync(id).ConfigureAwait(false);
    }

    /// <summary>Creates an adapter under a given id, for a run.</summary>
    internal async Task<AdapterRecord> CreateAsync(string id, string name, AdapterSpec spec, string modelId, long seed, string? runId, string? datasetId, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(name)) throw new StudioException("The name is empty; an adapter needs one.");
        var problems = Check(spec, modelId);
        if (problems.Count > 0) throw new StudioException(problems[0], problems);
        var model = _models.Get(modelId);
        long parameters = await _lanes.RunAsync(LanePriority.Interactive, () => BuildAndSave(id, spec, model, seed), ct).ConfigureAwait(false);
        return await StoreAsync(id, name, spec, model.Record, parameters,
            record => record with { RunId = runId, DatasetId = datasetId, Source = runId is null ? AdapterSource.Created : AdapterSource.Run }).ConfigureAwait(false);
    }

    /// <summary>Writes an adapter's present values over its files. Runs on a lane; the caller holds the adapter.</summary>
    /// <param name="id">The adapter.</param>
    /// <param name="adapter">Its values.</param>
    /// <param name="baseName">Name of its base model.</param>
    /// <param name="chat">How it is spoken to; null where it is as its base model.</param>
    internal void Save(string id, IAdapter adapter, string baseName, ChatFormat? chat) =>
        AtomicDirectory.Write(_directory.AdapterPath(id), folder =>
        {
            PeftFormat.Save(adapter, folder, baseName);
            chat?.Write(folder);
        });

    /// <summary>Stores that an adapter's files are new.</summary>
    internal Task TouchAsync(string id, CancellationToken ct) =>
        _database.Adapters.UpdateAsync(id, record => record with { UpdatedAt = DateTimeOffset.UtcNow, Bytes = FolderBytes(id) }, ct);

    private string BaseName(AdapterRecord record) => _models.Find(record.BaseModelId)?.Record.Name ?? record.BaseModelId;

    private long BuildAndSave(string id, AdapterSpec spec, LoadedModel model, long seed)
    {
        using var adapter = AdapterMethods.Build(spec.WithTokens(text => model.Encoder.Tokenizer.Encode(text, addSpecialTokens: true)), model.Base.AdapterSite());
        using var random = new Generator((ulong)seed, model.Base.ClientDevice);
        adapter.Initialize(random);
        Save(id, adapter, model.Record.Name, model.Chat);
        return adapter.Parameters.Count;
    }

    private long FolderBytes(string id) => new DirectoryInfo(_directory.AdapterPath(id)).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    private static long? Sized(AdapterSpec spec, LoadedModel model, out string? refusal)
    {
        try
        {
            refusal = null;
            return AdapterMethods.CountParameters(spec, model.Base.Model.Modules);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            refusal = error.Message;
            return null;
        }
    }
}
