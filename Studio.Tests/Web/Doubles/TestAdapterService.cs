using Studio.Core;
using Studio.Core.Adapters;
using Studio.Core.Serving;
using Studio.Core.Storage;

namespace Studio.Tests.Web.Doubles;

/// <summary>Checks and counts; holds no adapters.</summary>
internal sealed class TestAdapterService : IAdapterService
{
    public event Action? Changed
    {
        add { }
        remove { }
    }

    public Task<IReadOnlyList<AdapterRecord>> ListAsync(CancellationToken ct = default) => Task.FromResult<IReadOnlyList<AdapterRecord>>([]);

    public Task<AdapterRecord> GetAsync(string id, CancellationToken ct = default) => Task.FromException<AdapterRecord>(new NotFoundException("adapter", id));

    public Task<AdapterRecord> CreateAsync(string name, AdapterSpec spec, string modelId, long seed = 42, CancellationToken ct = default) => GetAsync(name, ct);

    public IReadOnlyList<string> Check(AdapterSpec spec, string modelId) => spec.Problems();

    /// <summary>A thousand for each rank.</summary>
    public long CountParameters(AdapterSpec spec, string modelId) => 1_000L * ((LoraSpec)spec).Rank;

    public bool IsTraining(string id) => false;

    public Task<IReadOnlyList<AdapterTensorInfo>> TensorsAsync(string id, CancellationToken ct = default) => Task.FromResult<IReadOnlyList<AdapterTensorInfo>>([]);

    public Task<AdapterRecord> UpdateAsync(string id, string name, IReadOnlyList<string> tags, string notes, CancellationToken ct = default) => GetAsync(id, ct);

    public Task ExportAsync(string id, Stream zip, CancellationToken ct = default) => Task.CompletedTask;

    public Task DeleteAsync(string id, CancellationToken ct = default) => Task.CompletedTask;
}
