using System.Collections.Concurrent;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Hub;
using Studio.Core.Models;
using Studio.Core.Storage;
using Studio.Core.Telemetry;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Serving;

/// <summary>The base models: those in memory, one copy of each set of weights whoever asks for it, and those the studio knows of.</summary>
public sealed partial class ModelLibrary : IModelService, IAsyncDisposable
{
    private readonly DataDirectory _directory;
    private readonly StudioDatabase _database;
    private readonly ComputeLanePool _lanes;
    private readonly ClientRegistry _clients;
    private readonly MemoryLedger _ledger;
    private readonly DevicePlacement _placement;
    private readonly string? _cacheFolder;
    private readonly ServingOptions _serving;
    private readonly Func<string, IReadOnlyList<string>> _waitingFor;
    private readonly SemaphoreSlim _loading = new(1);
    private readonly ConcurrentDictionary<LoadProgress, bool> _pending = new();
    private readonly ConcurrentDictionary<string, string> _failures = new(StringComparer.Ordinal);
    private LoadedModel[] _loaded = [];

    /// <summary>Creates the library.</summary>
    /// <param name="directory">Where downloaded models are.</param>
    /// <param name="database">Where records are.</param>
    /// <param name="lanes">Threads that load.</param>
    /// <param name="clients">Who is attached to a base.</param>
    /// <param name="ledger">Who holds how many bytes.</param>
    /// <param name="placement">Where models are loaded and their clients compute.</param>
    /// <param name="cacheFolder">Local cache of the Hugging Face libraries; null = none.</param>
    /// <param name="waitingFor">Names of unfinished runs of a base, also those that are not attached yet; null = none.</param>
    /// <param name="serving">How models answer.</param>
    public ModelLibrary(DataDirectory directory, StudioDatabase database, ComputeLanePool lanes, ClientRegistry clients, MemoryLedger ledger, DevicePlacement placement,
        string? cacheFolder = null, Func<string, IReadOnlyList<string>>? waitingFor = null, ServingOptions? serving = null)
    {
        _directory = directory;
        _database = database;
        _lanes = lanes;
        _clients = clients;
        _ledger = ledger;
        _placement = placement;
        _cacheFolder = cacheFolder;
        _serving = serving ?? new ServingOptions();
        _waitingFor = waitingFor ?? (_ => []);
        _database.Models.Changed += _ => Changed?.Invoke();
    }

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public IReadOnlyList<LoadedModelInfo> Loaded =>
        [.. _loaded.Select(model => new LoadedModelInfo(model.Record, model.Base.Plan.ToString(), model.Base.Bytes, _clients.UsersOf(model.Record.Id).Count) { Defaults = model.Defaults })];

    /// <summary>All loaded models themselves.</summary>
    internal IReadOnlyList<LoadedModel> Models => _loaded;

    /// <summary>A loaded model.</summary>
    /// <exception cref="NotFoundException">It is not loaded.</exception>
    public LoadedModel Get(string id) => Find(id) ?? throw new NotFoundException("loaded model", id);

    /// <summary>A loaded model, or null.</summary>
    public LoadedModel? Find(string id) => Array.Find(_loaded, model => model.Record.Id == id);

    /// <inheritdoc/>
    public IReadOnlyList<string> TargetModules(string modelId) =>
        [.. Get(modelId).Base.Model.Modules.All.Where(module => module.Kind == ModuleKind.Linear && module.Layer != LayerId.Head)
            .Select(module => module.ShortName).Distinct(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public IReadOnlyList<TargetChoiceInfo> Targets(string modelId) => TargetChoiceInfo.Of(Get(modelId).Base.Model.Modules);

    /// <inheritdoc/>
    public IReadOnlyList<ModelLoading> Loading => [.. _pending.Keys.Select(pending => pending.State).OrderByDescending(pending => pending.Progress)];

    /// <inheritdoc/>
    public IReadOnlyList<string> UsersOf(string modelId) =>
        [.. _clients.UsersOf(modelId).Select(user => user.Name).Union(_waitingFor(modelId), StringComparer.Ordinal)];

    /// <inheritdoc/>
    public Task<ModelRecord> LoadAsync(string folder, string computeType = "auto", CancellationToken ct = default) => LoadAsync(folder, computeType, remember: true, ct: ct);

    /// <summary>Loads a folder; <paramref name="remember"/> says whether the next start loads it too.</summary>
    internal async Task<ModelRecord> LoadAsync(string folder, string computeType, bool remember, ModelRecord? expected = null, CancellationToken ct = default)
    {
        var type = ParseType(computeType);
        string place = Path.GetFullPath(folder);
        using var progress = new LoadProgress(new ModelLoading(StudioId.New(), place, expected?.Name ?? NameOf(place), 0), () => Changed?.Invoke(), ct);
        _pending[progress] = true;
        Changed?.Invoke();
        try
        {
            await _loading.WaitAsync(progress.Ending).ConfigureAwait(false);
            try
            {
                return await LoadLocked(place, type, computeType, remember, expected, progress).ConfigureAwait(false);
            }
            catch (Exception error) when (IsUnsound(error))
            {
                throw new StudioException(error.Message, inner: error);
            }
            finally
            {
                _loading.Release();
            }
        }
        catch (OperationCanceledException error) when (progress.IsGivenUp && !ct.IsCancellationRequested)
        {
            throw new StudioException($"Loading '{progress.State.Name}' was cancelled.", inner: error);
        }
        finally
        {
            _pending.TryRemove(progress, out _);
            Changed?.Invoke();
        }
    }

    /// <inheritdoc/>
    public void CancelLoading(string loadingId) =>
        (_pending.Keys.FirstOrDefault(pending => pending.State.Id == loadingId) ?? throw new NotFoundException("load", loadingId)).GiveUp();

    /// <inheritdoc/>
    public async Task UnloadAsync(string modelId, CancellationToken ct = default)
    {
        await _loading.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            var model = Get(modelId);
            var users = UsersOf(modelId);
            if (users.Count > 0)
                throw new StudioException($"'{model.Record.Name}' is in use by {string.Join(", ", users)}. Stop them first.");
            _loaded = [.. _loaded.Where(other => other != model)];
            _ledger.Release(model.Record.Id);
            await model.DisposeAsync().ConfigureAwait(false);
            await _database.Models.UpdateAsync(modelId, record => record with { LoadAtStart = false }, CancellationToken.None).ConfigureAwait(false);
            Changed?.Invoke();
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var model in _loaded) await model.DisposeAsync().ConfigureAwait(false);
        _loaded = [];
        _loading.Dispose();
    }

    private async Task<ModelRecord> LoadLocked(string folder, ScalarType? type, string computeType, bool remember, ModelRecord? expected, LoadProgress progress)
    {
        var ct = progress.Ending;
        var known = await _database.Models.ListAsync(ct).ConfigureAwait(false);
        string provisionalId = StudioId.New();
        var loaded = await _lanes.RunAsync(LanePriority.Interactive, () =>
        {
            using var checkpoint = Checkpoint.Open(folder);
            string fingerprint = checkpoint.Fingerprint;
            if (expected is not null && expected.Fingerprint != fingerprint)
                throw new InvalidDataException($"'{folder}' holds other weights than it did ({fingerprint} instead of {expected.Fingerprint}); adapters of '{expected.Name}' do not fit them. Import the folder to use it as another model.");
            if (Array.Find(_loaded, model => model.Base.Fingerprint == fingerprint) is { } already) return already;
            var record = known.FirstOrDefault(model => model.Fingerprint == fingerprint);
            var model = BaseModel.Load(record?.Id ?? provisionalId, folder, _placement.PlanFor(checkpoint, type), type, new ExecutorOptions { Int8Decode = _serving.Int8Decode }, progress: progress, ct: ct);
            try
            {
                model.MeasurePeak();
                // A name that this version does not know is no reason to refuse the model.
                if (Enum.TryParse<BatchingPolicy>(record?.Policy, out var policy)) model.Policy = policy;
                return LoadedModel.Create(Describe(model, record) with { RequestedType = computeType, LoadAtStart = remember || record is { LoadAtStart: true } }, model, _lanes, _serving.PrefixCacheBytes);
            }
            catch
            {
                model.Dispose();
                throw;
            }
        }, ct).ConfigureAwait(false);
        _failures.TryRemove(loaded.Record.Id, out _);
        if (_loaded.Contains(loaded))
        {
            if (remember) await _database.Models.UpdateAsync(loaded.Record.Id, record => record with { LoadAtStart = true }, ct).ConfigureAwait(false);
            return loaded.Record;
        }
        await _database.Models.UpsertAsync(loaded.Record, ct).ConfigureAwait(false);
        loaded.Generator.CacheChanged += () => ReportChats(loaded);
        _ledger.Set(loaded.Record.Id, MemoryCategory.Base, loaded.Base.Bytes);
        _loaded = [.. _loaded, loaded];
        return loaded.Record;
    }

    private static bool IsUnsound(Exception error) =>
        error is IOException or InvalidDataException or Text.Jinja.JinjaException or NotSupportedException or ArgumentException or UnauthorizedAccessException;

    private void ReportChats(LoadedModel model)
    {
        string owner = ClientState.ChatsOn(model.Record.Id);
        long bytes = model.Generator.CacheBytes;
        _ledger.Set(owner, MemoryCategory.KvCache, bytes + model.Generator.KeptBytes);
        // What is kept for later answers is nobody's use of the model.
        if (bytes == 0) _clients.Remove(owner);
        else _clients.Report(new ClientState(owner, ClientKind.Chat, $"Chats on {model.Record.Name}", model.Record.Id, 0, 0, 0, bytes));
    }

    private static ModelRecord Describe(BaseModel model, ModelRecord? known) => Placed(new ModelRecord
    {
        Id = model.Id,
        Name = known?.Name ?? NameOf(model.Folder),
        Folder = model.Folder,
        Fingerprint = model.Fingerprint,
        Family = model.Config.Family,
        Parameters = model.Config.ParameterCount,
        Bytes = model.Bytes,
        ComputeType = model.ComputeType == ScalarType.BFloat16 ? "bfloat16" : "float32",
        ContextLength = model.Config.ContextLength,
        AddedAt = known?.AddedAt ?? DateTimeOffset.UtcNow,
        Policy = known?.Policy,
    }, known);

    // A folder of the local cache says by its place what it is; a folder that moved keeps what was known of it.
    private static ModelRecord Placed(ModelRecord record, ModelRecord? known) => HubCache.Identify(record.Folder) is { } cached
        ? record with { HubId = cached.Id, HubCommit = cached.Commit }
        : record with { HubId = known?.HubId, HubCommit = known?.HubCommit };

    private static string NameOf(string folder) => HubCache.Identify(folder)?.Id ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));

    private static ScalarType? ParseType(string computeType) => computeType switch
    {
        "auto" => null,
        "float32" => ScalarType.Float32,
        "bfloat16" => ScalarType.BFloat16,
        _ => throw new StudioException($"The compute type '{computeType}' is unknown; expected auto, float32 or bfloat16."),
    };
}
