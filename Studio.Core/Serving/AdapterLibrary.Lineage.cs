using Studio.Core.Adapters;
using Studio.Core.Storage;
using Studio.Core.Tensors;

namespace Studio.Core.Serving;

/// <summary>Copies of adapters, and what depends on one.</summary>
public sealed partial class AdapterLibrary
{
    /// <inheritdoc/>
    public async Task<AdapterRecord> DuplicateAsync(string id, string name = "", CancellationToken ct = default)
    {
        var parent = await GetAsync(id, ct).ConfigureAwait(false);
        await using var lease = await _pool.AcquireAsync(id, ct).ConfigureAwait(false);
        string copy = StudioId.New();
        await _lanes.RunAsync(LanePriority.Interactive, () =>
        {
            using var hold = lease.Instance.Read();
            Save(copy, lease.Instance.Adapter, BaseName(parent), lease.Chat?.Format);
        }, ct).ConfigureAwait(false);
        string chosen = string.IsNullOrWhiteSpace(name) ? parent.Name + " copy" : name;
        return await StoreAsync(copy, chosen, lease.Instance.Adapter.Spec, _models.Get(parent.BaseModelId).Record, parent.TrainableParameters,
            record => record with { Source = AdapterSource.Copy, ParentId = id, DatasetId = parent.DatasetId, Tags = [.. parent.Tags], Notes = parent.Notes }).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<AdapterUses> UsesAsync(string id, CancellationToken ct = default)
    {
        await GetAsync(id, ct).ConfigureAwait(false);
        var runs = await _database.Runs.ListAsync(ct).ConfigureAwait(false);
        var adapters = await _database.Adapters.ListAsync(ct).ConfigureAwait(false);
        int leases = await _pool.LeasesOfAsync(id, ct).ConfigureAwait(false);
        return new AdapterUses([.. runs.Where(run => run.AdapterId == id).Select(run => new AdapterUse(run.Id, run.Name))],
            [.. adapters.Where(adapter => adapter.ParentId == id).Select(adapter => new AdapterUse(adapter.Id, adapter.Name))],
            Math.Max(0, leases - (_isTraining(id) ? 1 : 0)));
    }

    /// <inheritdoc/>
    public async Task<string> ConfigAsync(string id, CancellationToken ct = default)
    {
        var record = await GetAsync(id, ct).ConfigureAwait(false);
        try
        {
            return await File.ReadAllTextAsync(Path.Combine(_directory.AdapterPath(id), PeftFormat.ConfigFile), ct).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StudioException($"The settings of the adapter '{record.Name}' could not be read: {error.Message}", inner: error);
        }
    }
}
