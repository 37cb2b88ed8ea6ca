using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Studio.Core.Storage;

/// <summary>One line of a run's log.</summary>
public sealed record RunLogEntry
{
    /// <summary>Key: run and index, so that a run's lines lie in order.</summary>
    public required string Id { get; init; }

    /// <summary>Run the line belongs to.</summary>
    public required string RunId { get; init; }

    /// <summary>Position within the run's log, from 0.</summary>
    public required long Index { get; init; }

    /// <summary>When it was written, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Severity.</summary>
    public required LogLevel Level { get; init; }

    /// <summary>The text.</summary>
    public required string Text { get; init; }

    /// <summary>Key of line <paramref name="index"/> of <paramref name="runId"/>.</summary>
    public static string IdOf(string runId, long index) => string.Create(CultureInfo.InvariantCulture, $"{runId}/{index:D12}");
}
