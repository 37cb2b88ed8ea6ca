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

    /// <summary>What imports say about the lines of their file.</summary>
    public IReadOnlyList<DatasetProblem> Problems { get; set; } = [];

    /// <summary>What imports do with the file before they answer; null = read it to its end.</summary>
    public Func<Stream, CancellationToken, Task>? Importing { get; set; }

    /// <summary>Name, file name and bytes of each import that came to its end.</summary>
    public List<(string Name, string FileName, long Bytes)> Imported { get; } = [];

    /// <summary>Tokens of a row; null = none.</summary>
    public Func<int, IReadOnlyList<TokenSpan>>? Tokens { get; set; }

    /// <summary>Counts of every data set.</summary>
    public DatasetSummary Summary { get; set; } = new(0, 0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>Why deleting is refused; null = it is not.</summary>
    public StudioException? DeleteRefusal { get; set; }

    public DatasetRecord Add(string id, string source = DatasetSource.Sample, long rows = 800, long badRows = 0)
    {
        var dataset = new DatasetRecord
        {
            Id = id,
            Name = id,
            FileName = id + ".jsonl",
            Schema = "messages",
            Rows = rows,
            BadRows = badRows,
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

    public async Task<DatasetUpload> ImportAsync(string name, string fileName, Stream content, CancellationToken ct = default)
    {
        if (Importing is { } importing)
            await importing(content, ct);
        using var file = new MemoryStream();
        await content.CopyToAsync(file, ct);
        Imported.Add((name, fileName, file.Length));
        return new DatasetUpload(Add(name.Length > 0 ? name : Path.GetFileNameWithoutExtension(fileName), DatasetSource.Upload, badRows: Problems.Count), Problems, Problems.Count);
    }

    public Task<IReadOnlyList<DatasetProblem>> ProblemsAsync(string id, CancellationToken ct = default) => Task.FromResult(Problems);

    public Task<RowPreview> PreviewAsync(string id, string modelId, int row, int maxLength, CancellationToken ct = default)
    {
        TokenSpan[] tokens = [.. (Tokens?.Invoke(row) ?? []).Take(maxLength)];
        return Task.FromResult(new RowPreview(row, tokens, tokens.Count(token => token.Trained)));
    }

    public Task<DatasetSummary> SummaryAsync(string id, string modelId, CancellationToken ct = default) => Task.FromResult(Summary);

    public Task DeleteAsync(string id, CancellationToken ct = default)
    {
        if (DeleteRefusal is not null)
            return Task.FromException(DeleteRefusal);
        _datasets.RemoveAll(dataset => dataset.Id == id);
        Changed?.Invoke();
        return Task.CompletedTask;
    }
}
