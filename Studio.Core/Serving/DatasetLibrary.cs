using System.Text.Json;
using Studio.Core.Data;
using Studio.Core.Storage;

namespace Studio.Core.Serving;

/// <summary>Data sets: a folder each with the rows as they were brought and the problems that were found.</summary>
public sealed class DatasetLibrary : IDatasetService
{
    private const string RowsFile = "rows.jsonl";
    private const string ProblemsFile = "problems.json";
    private const string SamplesMarker = ".samples";
    private const int KeptProblems = 100;

    private readonly DataDirectory _directory;
    private readonly StudioDatabase _database;
    private readonly ModelLibrary _models;
    private readonly Func<string, string?> _usedBy;

    /// <summary>Creates the library.</summary>
    /// <param name="directory">Where files are.</param>
    /// <param name="database">Where records are.</param>
    /// <param name="models">For rendering with a model's template.</param>
    /// <param name="usedBy">Name of an unfinished run that uses a data set, or null.</param>
    public DatasetLibrary(DataDirectory directory, StudioDatabase database, ModelLibrary models, Func<string, string?> usedBy)
    {
        _directory = directory;
        _database = database;
        _models = models;
        _usedBy = usedBy;
        _database.Datasets.Changed += _ => Changed?.Invoke();
    }

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public Task<IReadOnlyList<DatasetRecord>> ListAsync(CancellationToken ct = default) => _database.Datasets.ListAsync(ct);

    /// <inheritdoc/>
    public async Task<DatasetRecord> GetAsync(string id, CancellationToken ct = default) =>
        await _database.Datasets.GetAsync(id, ct).ConfigureAwait(false) ?? throw new NotFoundException("data set", id);

    /// <inheritdoc/>
    public Task<DatasetUpload> ImportAsync(string name, string fileName, Stream content, CancellationToken ct = default) =>
        ImportAsync(name, fileName, content, DatasetSource.Upload, ct);

    /// <summary>Gives a new data directory the sample data sets of a folder; once, so that deleted samples stay deleted.</summary>
    public async Task AddSamplesAsync(string folder, CancellationToken ct = default)
    {
        string marker = Path.Combine(_directory.DatasetsPath, SamplesMarker);
        if (File.Exists(marker) || !Directory.Exists(folder)) return;
        foreach (string path in Directory.EnumerateFiles(folder, "*.jsonl").Order(StringComparer.Ordinal))
        {
            await using var file = File.OpenRead(path);
            await ImportAsync(Path.GetFileNameWithoutExtension(path), Path.GetFileName(path), file, DatasetSource.Sample, ct).ConfigureAwait(false);
        }
        AtomicFile.WriteText(marker, "The sample data sets were added once.\n");
    }

    /// <summary>The usable rows of a data set.</summary>
    /// <exception cref="NotFoundException">No such data set.</exception>
    public async Task<IReadOnlyList<DatasetRow>> RowsAsync(string id, CancellationToken ct = default)
    {
        await GetAsync(id, ct).ConfigureAwait(false);
        await using var file = File.OpenRead(Path.Combine(_directory.DatasetPath(id), RowsFile));
        return (await DatasetImport.ReadAsync(file, cancellation: ct).ConfigureAwait(false)).Rows;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DatasetProblem>> ProblemsAsync(string id, CancellationToken ct = default)
    {
        await GetAsync(id, ct).ConfigureAwait(false);
        string path = Path.Combine(_directory.DatasetPath(id), ProblemsFile);
        return JsonSerializer.Deserialize<List<DatasetProblem>>(await File.ReadAllTextAsync(path, ct).ConfigureAwait(false)) ?? [];
    }

    /// <inheritdoc/>
    public async Task<RowPreview> PreviewAsync(string id, string modelId, int row, int maxLength, CancellationToken ct = default)
    {
        var rows = await RowsAsync(id, ct).ConfigureAwait(false);
        if (row < 0 || row >= rows.Count) throw new StudioException($"Row {row} does not exist; the data set has rows 0 to {rows.Count - 1}.");
        var pieces = new RowRenderer(_models.Get(modelId).Encoder).Preview(rows[row]);
        var spans = pieces.Take(maxLength).Select(piece => new TokenSpan(piece.Text, piece.Id, piece.Trained, piece.Special)).ToList();
        return new RowPreview(row, spans, spans.Count(span => span.Trained));
    }

    /// <inheritdoc/>
    public async Task<DatasetSummary> SummaryAsync(string id, string modelId, CancellationToken ct = default)
    {
        var rows = await RowsAsync(id, ct).ConfigureAwait(false);
        var model = _models.Get(modelId);
        var measured = await Task.Run(() => DatasetStatistics.Measure(rows, new RowRenderer(model.Encoder), model.Base.Config.ContextLength, ct), ct).ConfigureAwait(false);
        return new DatasetSummary(measured.Rows, measured.Turns, measured.Tokens, measured.TrainedTokens, measured.MinTokens, measured.MedianTokens,
            measured.P95Tokens, measured.MaxTokens, measured.LongerThanContext);
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string id, CancellationToken ct = default)
    {
        var record = await GetAsync(id, ct).ConfigureAwait(false);
        if (_usedBy(id) is { } run) throw new StudioException($"'{record.Name}' is used by the run '{run}', which has not ended. Stop the run first.");
        await _database.Datasets.DeleteAsync(id, ct).ConfigureAwait(false);
        AtomicDirectory.Delete(_directory.DatasetPath(id));
    }

    private async Task<DatasetUpload> ImportAsync(string name, string fileName, Stream content, string source, CancellationToken ct)
    {
        string id = StudioId.New(), target = _directory.DatasetPath(id), incoming = TemporaryName.ForWriting(target); // what a killed process leaves of it goes at the next start
        try
        {
            await AtomicFile.WriteAsync(incoming, (file, token) => content.CopyToAsync(file, token), ct).ConfigureAwait(false);
            ImportedDataset imported;
            await using (var file = File.OpenRead(incoming))
                imported = await DatasetImport.ReadAsync(file, new ImportLimits { KeptErrors = KeptProblems }, ct).ConfigureAwait(false);
            var problems = imported.Errors.Select(error => new DatasetProblem(error.Line, Describe(error))).ToList();
            var record = new DatasetRecord
            {
                Id = id,
                Name = string.IsNullOrWhiteSpace(name) ? Path.GetFileNameWithoutExtension(fileName) : name.Trim(),
                FileName = fileName,
                Schema = imported.Format.ToString().ToLowerInvariant(),
                Rows = imported.Rows.Count,
                BadRows = imported.ErrorCount,
                Bytes = new FileInfo(incoming).Length,
                CreatedAt = DateTimeOffset.UtcNow,
                Source = source,
            };
            AtomicDirectory.Write(target, folder =>
            {
                File.Move(incoming, Path.Combine(folder, RowsFile));
                AtomicFile.WriteText(Path.Combine(folder, ProblemsFile), JsonSerializer.Serialize(problems));
            });
            // From here on it is there: a caller that leaves now must not leave a folder without a record.
            await _database.Datasets.UpsertAsync(record, CancellationToken.None).ConfigureAwait(false);
            return new DatasetUpload(record, problems, imported.ErrorCount);
        }
        catch (UnusableDatasetException error)
        {
            throw new StudioException($"'{fileName}' was not imported: {error.Message}", [.. error.Errors.Select(row => $"Line {row.Line}: {Describe(row)}")], error);
        }
        catch (IOException error)
        {
            AtomicDirectory.Delete(target);
            throw new StudioException($"'{fileName}' could not be stored: {error.Message}", inner: error);
        }
        finally
        {
            File.Delete(incoming);
        }
    }

    private static string Describe(RowError error) => error.Column.Length == 0 ? error.Message : $"{error.Column}: {error.Message}";
}
