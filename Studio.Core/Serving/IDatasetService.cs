using Studio.Core.Storage;

namespace Studio.Core.Serving;

/// <summary>A row that could not be used.</summary>
/// <param name="Line">1-based line of the file.</param>
/// <param name="Message">What is wrong and what was expected.</param>
public sealed record DatasetProblem(int Line, string Message);

/// <summary>Outcome of an upload: the stored data set, and the rows that were refused (the first hundred).</summary>
public sealed record DatasetUpload(DatasetRecord Dataset, IReadOnlyList<DatasetProblem> Problems, long ProblemCount);

/// <summary>A piece of a rendered row: one token's text, whether its prediction is trained, and whether it is a special token.</summary>
public sealed record TokenSpan(string Text, int Id, bool Trained, bool Special = false);

/// <summary>One row as the model sees it.</summary>
/// <param name="Row">0-based row.</param>
/// <param name="Tokens">All tokens.</param>
/// <param name="TrainedTokens">How many of them are trained.</param>
public sealed record RowPreview(int Row, IReadOnlyList<TokenSpan> Tokens, int TrainedTokens);

/// <summary>Token counts of a data set under one model's template.</summary>
public sealed record DatasetSummary(long Rows, long Turns, long Tokens, long TrainedTokens, int MinTokens, int MedianTokens, int P95Tokens, int MaxTokens, long LongerThanContext);

/// <summary>Data sets.</summary>
public interface IDatasetService
{
    /// <summary>All data sets, newest first.</summary>
    Task<IReadOnlyList<DatasetRecord>> ListAsync(CancellationToken ct = default);

    /// <summary>One data set.</summary>
    /// <exception cref="NotFoundException">No such data set.</exception>
    Task<DatasetRecord> GetAsync(string id, CancellationToken ct = default);

    /// <summary>Imports a JSONL stream. Broken lines are left out and reported; nothing is stored when no line is usable.</summary>
    /// <exception cref="StudioException">No usable line, or the file is not text; Details hold the first lines' problems.</exception>
    Task<DatasetUpload> ImportAsync(string name, string fileName, Stream content, CancellationToken ct = default);

    /// <summary>The refused rows of a stored data set (the first hundred).</summary>
    Task<IReadOnlyList<DatasetProblem>> ProblemsAsync(string id, CancellationToken ct = default);

    /// <summary>A row rendered with a model's chat template.</summary>
    Task<RowPreview> PreviewAsync(string id, string modelId, int row, int maxLength, CancellationToken ct = default);

    /// <summary>Token counts under a model's template.</summary>
    Task<DatasetSummary> SummaryAsync(string id, string modelId, CancellationToken ct = default);

    /// <summary>Deletes a data set and its file.</summary>
    /// <exception cref="StudioException">An unfinished run uses it.</exception>
    Task DeleteAsync(string id, CancellationToken ct = default);

    /// <summary>Raised when the list or a record changed.</summary>
    event Action? Changed;
}
