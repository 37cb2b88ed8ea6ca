using Studio.Core.Clients;
using Studio.Core.Data;
using Studio.Core.Runs;
using Studio.Core.Storage;

namespace Studio.Tests.Runs;

/// <summary>The engine's own environment of runs, with places where a test may look, wait or let the disk refuse.</summary>
internal sealed class TestRunEnvironment(IRunEnvironment inner) : IRunEnvironment
{
    /// <summary>After a run's adapter exists and before the run's first step.</summary>
    public Func<RunAdapter, Task> Created { get; set; } = _ => Task.CompletedTask;

    /// <summary>Before each save; the number counts the run's saves from 1. What it throws is what the disk says.</summary>
    public Func<RunAdapter, int, Task> Saving { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>What each save is about to write, before <see cref="Saving"/>.</summary>
    public Action<RunAdapter, AdapterInstance> Saves { get; set; } = (_, _) => { };

    /// <summary>After each save that succeeded.</summary>
    public Action<RunAdapter, AdapterInstance> Saved { get; set; } = (_, _) => { };

    /// <summary>Cancelled when the studio closes: a test that failed does not leave its runs waiting.</summary>
    public CancellationToken Closing { get; init; }

    public RunBase? FindModel(string modelId) => inner.FindModel(modelId);

    public Task<DatasetRecord?> FindDatasetAsync(string datasetId, CancellationToken ct = default) => inner.FindDatasetAsync(datasetId, ct);

    public Task<IReadOnlyList<DatasetRow>> ReadRowsAsync(string datasetId, CancellationToken ct = default) => inner.ReadRowsAsync(datasetId, ct);

    public async Task<IAdapterLease> CreateAdapterAsync(RunAdapter adapter, CancellationToken ct = default)
    {
        var lease = await inner.CreateAdapterAsync(adapter, ct);
        await Created(adapter).WaitAsync(Closing);
        return new Lease(this, adapter, lease);
    }

    private sealed class Lease(TestRunEnvironment environment, RunAdapter adapter, IAdapterLease inner) : IAdapterLease
    {
        private int _saves;

        public AdapterInstance Instance => inner.Instance;

        public async Task SaveAsync(CancellationToken ct = default)
        {
            environment.Saves(adapter, inner.Instance);
            await environment.Saving(adapter, ++_saves).WaitAsync(environment.Closing);
            await inner.SaveAsync(ct);
            environment.Saved(adapter, inner.Instance);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
