using Studio.Core.Clients;
using Studio.Core.Data;
using Studio.Core.Runs;
using Studio.Core.Storage;
using Studio.Core.Tensors;

namespace Studio.Core.Serving;

/// <summary>What the engine gives to runs: models, rows and adapters, whose state in training lies in files if it parks.</summary>
internal sealed class RunEnvironment(
    ModelLibrary models, DatasetLibrary datasets, AdapterLibrary adapters, AdapterPool pool, StudioDatabase database, ComputeLanePool lanes, bool parks = false) : IRunEnvironment
{
    public RunBase? FindModel(string modelId) =>
        models.Find(modelId) is { } model ? new RunBase(model.Record.Name, model.Base, model.Encoder) : null;

    public Task<DatasetRecord?> FindDatasetAsync(string datasetId, CancellationToken ct = default) => database.Datasets.GetAsync(datasetId, ct);

    public Task<IReadOnlyList<DatasetRow>> ReadRowsAsync(string datasetId, CancellationToken ct = default) => datasets.RowsAsync(datasetId, ct);

    public async Task<IAdapterLease> CreateAdapterAsync(RunAdapter adapter, CancellationToken ct = default)
    {
        await adapters.CreateAsync(adapter.Id, adapter.Name, adapter.Spec, adapter.ModelId, adapter.Seed, adapter.RunId, adapter.DatasetId, ct).ConfigureAwait(false);
        var lease = await pool.AcquireAsync(adapter.Id, parks, ct).ConfigureAwait(false);
        return new RunLease(lease, adapters, lanes, models.Get(adapter.ModelId).Record.Name);
    }

    private sealed class RunLease(AdapterLease lease, AdapterLibrary adapters, ComputeLanePool lanes, string baseName) : IAdapterLease
    {
        public AdapterInstance Instance => lease.Instance;

        public async Task SaveAsync(CancellationToken ct = default)
        {
            await lanes.RunAsync(LanePriority.Interactive, () =>
            {
                using var hold = lease.Instance.Read();
                adapters.Save(lease.Instance.Id, lease.Instance.Adapter, baseName, lease.Chat?.Format);
            }, ct).ConfigureAwait(false);
            await adapters.TouchAsync(lease.Instance.Id, ct).ConfigureAwait(false);
        }

        public ValueTask DisposeAsync() => lease.DisposeAsync();
    }
}
