namespace Studio.Core.Data;

/// <summary>A file that gives no data set: it is not UTF-8 JSONL, or no line of it can be used.</summary>
/// <param name="message">What was found and what was wanted.</param>
/// <param name="errors">The first lines that cannot be used; empty where the file as a whole is at fault.</param>
public sealed class UnusableDatasetException(string message, IReadOnlyList<RowError>? errors = null) : Exception(message)
{
    /// <summary>The first lines that cannot be used.</summary>
    public IReadOnlyList<RowError> Errors { get; } = errors ?? [];
}
