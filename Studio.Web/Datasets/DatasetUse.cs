using Studio.Core.Runs;
using Studio.Web.FineTunes;

namespace Studio.Web.Datasets;

/// <summary>The runs that learned or learn from a data set.</summary>
/// <param name="Runs">The runs, newest first.</param>
public sealed record DatasetUse(IReadOnlyList<RunView> Runs)
{
    /// <summary>No run.</summary>
    public static DatasetUse None { get; } = new([]);

    /// <summary>How many of them have not ended; while there are any, the data set cannot be deleted.</summary>
    public int Unfinished => Runs.Count(run => RunLife.IsActive(run.Record.State));

    /// <summary>How they stand, below their number; empty when all have ended.</summary>
    public string StateText => Unfinished == 0 ? "" : Unfinished < Runs.Count ? $"{Unfinished} not ended" : Runs.Count == 1 ? "not ended" : "none ended";

    /// <summary>The use of each data set that has any.</summary>
    public static IReadOnlyDictionary<string, DatasetUse> Of(IEnumerable<RunView> runs) =>
        runs.GroupBy(run => run.Record.DatasetId, StringComparer.Ordinal).ToDictionary(group => group.Key, group => new DatasetUse([.. group]), StringComparer.Ordinal);
}
