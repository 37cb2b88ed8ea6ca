using Studio.Core;
using Studio.Core.Serving;
using Studio.Core.Storage;

namespace Studio.Tests.Web.Doubles;

/// <summary>Data sets in memory.</summary>
internal sealed class TestDatasetService : IDatasetService
{
    private readonly List<DatasetRecord> _datasets = [];

    public event Action? Changed;

    /// <summary>What listing fails with; null = nothing.</summary>
    public Exception? Failure { get; set; }

    public DatasetRecord Add(string id, string source = DatasetSource.Sample, long rows = 800)
    {
        var dataset = new DatasetRecord
        {
            Id = id,
            Name = id,
            FileName = id + ".jsonl",
            Schema = "messages",
            Rows = rows,
            BadRows = 0,
            Bytes = 1,
            CreatedAt = DateTimeOffset.UnixEpoch.AddSeconds(_datasets.Count),
            Source = source,
        };
        _datasets.Insert(0, dataset);
        Changed?.Invoke();
        return dataset;
    }

    public Task<IReadOnlyList<DatasetRecord>> ListAsync(CancellationToken ct = default) =>
        Failure is null ? Task.FromResult<IReadOnlyList<DatasetRecord>>([.. _datasets]) : Task.FromException<IReadOnlyList<DatasetRecord>>(Failure);

    public Task<DatasetRecord> GetAsync(string id, CancellationToken ct = default) =>
        _datasets.Find(dataset => dataset.Id == id) is { } found ? Task.FromResult(found) : Task.FromException<DatasetRecord>(new NotFoundException("data set", id));

    public Task<DatasetUpload> ImportAsync(string name, string fileName, Stream content, CancellationToken ct = default) =>
        Task.FromResult(new DatasetUpload(Add(name, DatasetSource.Upload), [], 0));

    public Task<IReadOnlyList<DatasetProblem>> ProblemsAsync(string id, CancellationToken ct = default) => Task.FromResult<IReadOnlyList<DatasetProblem>>([]);

    public Task<RowPreview> PreviewAsync(string id, string modelId, int row, int maxLength, CancellationToken ct = default) => Task.FromResult(new RowPreview(row, [], 0));

    public Task<DatasetSummary> SummaryAsync(string id, string modelId, CancellationToken ct = default) => Task.FromResult(new DatasetSummary(0, 0, 0, 0, 0, 0, 0, 0, 0));

    public Task DeleteAsync(string id, CancellationToken ct = default)
    {
        _datasets.RemoveAll(dataset => dataset.Id == id);
        Changed?.Invoke();
        return Task.CompletedTask;
    }
}
