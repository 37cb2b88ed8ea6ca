using Microsoft.Extensions.Logging;
using Studio.Core.Execution;
using Studio.Core.Hub;
using Studio.Core.Models;
using Studio.Core.Storage;

namespace Studio.Core.Serving;

/// <summary>Models that the studio knows, loaded or not.</summary>
public sealed partial class ModelLibrary
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<KnownModel>> ListAsync(CancellationToken ct = default) =>
        [.. (await _database.Models.ListAsync(ct).ConfigureAwait(false)).Select(Known)];

    /// <inheritdoc/>
    public async Task<ModelDetails> DetailsAsync(string modelId, CancellationToken ct = default)
    {
        var record = await RecordAsync(modelId, ct).ConfigureAwait(false);
        return await Task.Run(() => ModelInspector.Read(Known(record)), ct).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<CachedModel>> CacheAsync(CancellationToken ct = default) => Task.Run(() => HubCache.List(_cacheFolder), ct);

    /// <inheritdoc/>
    public async Task<ModelRecord> LoadKnownAsync(string modelId, string? computeType = null, CancellationToken ct = default)
    {
        var record = await RecordAsync(modelId, ct).ConfigureAwait(false);
        return await LoadAsync(record.Folder, computeType ?? record.RequestedType, remember: true, record, ct).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task SetLoadAtStartAsync(string modelId, bool value, CancellationToken ct = default)
    {
        if (await _database.Models.UpdateAsync(modelId, record => record with { LoadAtStart = value }, ct).ConfigureAwait(false) is null) throw new NotFoundException("model", modelId);
    }

    /// <inheritdoc/>
    public async Task SetPolicyAsync(string modelId, BatchingPolicy policy, CancellationToken ct = default)
    {
        if (!Enum.IsDefined(policy))
            throw new ArgumentOutOfRangeException(nameof(policy), policy, $"There is no such batching policy; expected {string.Join(", ", Enum.GetNames<BatchingPolicy>())}.");
        var model = Get(modelId);
        await _database.Models.UpdateAsync(modelId, record => record with { Policy = policy.ToString() }, ct).ConfigureAwait(false);
        model.Base.Policy = policy;
        Changed?.Invoke();
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(string modelId, CancellationToken ct = default)
    {
        await _loading.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            var record = await RecordAsync(modelId, ct).ConfigureAwait(false);
            if (Find(modelId) is not null) throw new StudioException($"'{record.Name}' is loaded. Unload it first.");
            await _database.Models.DeleteAsync(modelId, CancellationToken.None).ConfigureAwait(false);
            _failures.TryRemove(modelId, out _);
            if (IsOwned(record)) await Task.Run(() => AtomicDirectory.Delete(record.Folder), CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>Loads what was loaded when the studio was closed. A model that cannot be loaded is logged, and the list of models says why.</summary>
    internal async Task ReloadAsync(ILogger log, CancellationToken ct)
    {
        foreach (var record in (await _database.Models.ListAsync(ct).ConfigureAwait(false)).Where(record => record.LoadAtStart && Find(record.Id) is null).OrderBy(record => record.AddedAt))
        {
            try
            {
                await LoadAsync(record.Folder, record.RequestedType, remember: true, record, ct).ConfigureAwait(false);
            }
            catch (StudioException error)
            {
                log.LogWarning("The model {Model} could not be loaded: {Reason}", record.Name, error.Message);
                _failures[record.Id] = error.Message;
                Changed?.Invoke();
            }
        }
    }

    /// <summary>The model that an earlier download of the same commit has become, if its files are still there.</summary>
    internal async Task<ModelRecord?> FindDownloadedAsync(string hubId, string commit, CancellationToken ct) =>
        (await _database.Models.ListAsync(ct).ConfigureAwait(false)).FirstOrDefault(record => record.HubId == hubId && record.HubCommit == commit && IsOwned(record) && Directory.Exists(record.Folder));

    /// <summary>Takes a folder of the data directory in, downloaded or written by the studio: reads what it is and stores it. Weights that the studio knows from another folder keep their id, and so their adapters.</summary>
    /// <exception cref="StudioException">The folder is unsound.</exception>
    internal async Task<ModelRecord> AdoptAsync(string id, string folder, string name, string? hubId, string? commit, CancellationToken ct)
    {
        await _loading.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            var record = await Task.Run(() => Read(id, folder, name, hubId, commit), ct).ConfigureAwait(false);
            var known = (await _database.Models.ListAsync(ct).ConfigureAwait(false)).FirstOrDefault(other => other.Fingerprint == record.Fingerprint);
            if (known is not null) record = record with { Id = known.Id, Name = known.Name, AddedAt = known.AddedAt, LoadAtStart = known.LoadAtStart, RequestedType = known.RequestedType, Policy = known.Policy, ComputeType = known.ComputeType };
            await _database.Models.UpsertAsync(record, CancellationToken.None).ConfigureAwait(false);
            // Another revision with the same weights: its files take the place of the older ones, unless these are mapped.
            if (known is not null && IsOwned(known) && known.Folder != folder && Find(known.Id) is null) AtomicDirectory.Delete(known.Folder);
            return record;
        }
        catch (Exception error) when (IsUnsound(error) && error is not StorageException)
        {
            throw new StudioException($"'{name}' cannot be used: {error.Message}", inner: error);
        }
        finally
        {
            _loading.Release();
        }
    }

    private static ModelRecord Read(string id, string folder, string name, string? hubId, string? commit)
    {
        using var checkpoint = Checkpoint.Open(folder);
        return new ModelRecord
        {
            Id = id,
            Name = name,
            Folder = folder,
            Fingerprint = checkpoint.Fingerprint,
            Family = checkpoint.Config.Family,
            Parameters = checkpoint.Config.ParameterCount,
            Bytes = checkpoint.Bytes,
            ComputeType = "auto",
            ContextLength = checkpoint.Config.ContextLength,
            AddedAt = DateTimeOffset.UtcNow,
            HubId = hubId,
            HubCommit = commit,
        };
    }

    private async Task<ModelRecord> RecordAsync(string id, CancellationToken ct) =>
        await _database.Models.GetAsync(id, ct).ConfigureAwait(false) ?? throw new NotFoundException("model", id);

    private KnownModel Known(ModelRecord record) =>
        new(record, Find(record.Id) is not null, IsOwned(record), Directory.Exists(record.Folder), _failures.GetValueOrDefault(record.Id));

    private bool IsOwned(ModelRecord record) => Path.GetDirectoryName(record.Folder) == _directory.ModelsPath;
}
