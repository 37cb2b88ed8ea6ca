using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Storage;
using Studio.Core.Telemetry;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Serving;

/// <summary>The loaded base models. One copy of each set of weights, whoever asks for it.</summary>
public sealed class ModelLibrary(StudioDatabase database, ComputeLanePool lanes, ClientRegistry clients, MemoryLedger ledger, Device device) : IModelService, IAsyncDisposable
{
    private readonly SemaphoreSlim _loading = new(1);
    private LoadedModel[] _loaded = [];

    /// <inheritdoc/>
    public IReadOnlyList<LoadedModelInfo> Loaded =>
        [.. _loaded.Select(model => new LoadedModelInfo(model.Record, model.Base.Device.ToString(), model.Base.Bytes, clients.UsersOf(model.Record.Id).Count) { Defaults = model.Defaults })];

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
    public async Task<ModelRecord> LoadAsync(string folder, string computeType = "auto", CancellationToken ct = default)
    {
        var type = ParseType(computeType);
        await _loading.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            return await LoadLocked(Path.GetFullPath(folder), type, ct).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or Text.Jinja.JinjaException or NotSupportedException or ArgumentException or UnauthorizedAccessException)
        {
            throw new StudioException(error.Message, inner: error);
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <inheritdoc/>
    public async Task UnloadAsync(string modelId, CancellationToken ct = default)
    {
        await _loading.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            var model = Get(modelId);
            var users = clients.UsersOf(modelId);
            if (users.Count > 0)
                throw new StudioException($"'{model.Record.Name}' is in use by {string.Join(", ", users.Select(user => user.Name))}. Stop them first.");
            _loaded = [.. _loaded.Where(other => other != model)];
            ledger.Release(model.Record.Id);
            await model.DisposeAsync().ConfigureAwait(false);
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

    private async Task<ModelRecord> LoadLocked(string folder, ScalarType? type, CancellationToken ct)
    {
        var known = await database.Models.ListAsync(ct).ConfigureAwait(false);
        string provisionalId = StudioId.New();
        var loaded = await lanes.RunAsync(LanePriority.Interactive, () =>
        {
            string fingerprint;
            using (var checkpoint = Checkpoint.Open(folder)) fingerprint = checkpoint.Fingerprint;
            if (Array.Find(_loaded, model => model.Base.Fingerprint == fingerprint) is { } already) return already;
            var record = known.FirstOrDefault(model => model.Fingerprint == fingerprint);
            var model = BaseModel.Load(record?.Id ?? provisionalId, folder, type, device);
            try
            {
                return LoadedModel.Create(Describe(model, record), model, lanes);
            }
            catch
            {
                model.Dispose();
                throw;
            }
        }, ct).ConfigureAwait(false);
        if (_loaded.Contains(loaded)) return loaded.Record;
        await database.Models.UpsertAsync(loaded.Record, ct).ConfigureAwait(false);
        loaded.Generator.CacheChanged += () => ReportChats(loaded);
        ledger.Set(loaded.Record.Id, MemoryCategory.Base, loaded.Base.Bytes);
        _loaded = [.. _loaded, loaded];
        return loaded.Record;
    }

    private void ReportChats(LoadedModel model)
    {
        string owner = "chat-" + model.Record.Id;
        long bytes = model.Generator.CacheBytes;
        ledger.Set(owner, MemoryCategory.KvCache, bytes);
        if (bytes == 0) clients.Remove(owner);
        else clients.Report(new ClientState(owner, ClientKind.Chat, $"Chats on {model.Record.Name}", model.Record.Id, 0, 0, 0, bytes));
    }

    private static ModelRecord Describe(BaseModel model, ModelRecord? known) => new()
    {
        Id = model.Id,
        Name = known?.Name ?? Path.GetFileName(model.Folder.TrimEnd(Path.DirectorySeparatorChar)),
        Folder = model.Folder,
        Fingerprint = model.Fingerprint,
        Family = model.Config.Family,
        Parameters = model.Config.ParameterCount,
        Bytes = model.Bytes,
        ComputeType = model.ComputeType == ScalarType.BFloat16 ? "bfloat16" : "float32",
        ContextLength = model.Config.ContextLength,
        AddedAt = known?.AddedAt ?? DateTimeOffset.UtcNow,
    };

    private static ScalarType? ParseType(string computeType) => computeType switch
    {
        "auto" => null,
        "float32" => ScalarType.Float32,
        "bfloat16" => ScalarType.BFloat16,
        _ => throw new StudioException($"The compute type '{computeType}' is unknown; expected auto, float32 or bfloat16."),
    };
}
