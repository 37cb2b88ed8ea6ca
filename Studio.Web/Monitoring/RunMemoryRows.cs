using Studio.Core.Runs;

namespace Studio.Web.Monitoring;

/// <summary>What a run was expected to hold, and what it holds.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Name">Its name.</param>
/// <param name="Predicted">Bytes by forecast; null where there is none.</param>
/// <param name="Measured">Bytes as measured.</param>
public sealed record RunMemoryRow(string RunId, string Name, long? Predicted, long Measured)
{
    /// <summary>Measured by predicted; null where there is no forecast.</summary>
    public double? Ratio => Predicted is > 0 ? (double)Measured / Predicted.Value : null;
}

/// <summary>Memory of runs, forecast and measured.</summary>
public static class RunMemoryRows
{
    /// <summary>The runs that hold something, the largest first.</summary>
    public static IReadOnlyList<RunMemoryRow> Of(IReadOnlyList<RunView> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return
        [
            .. runs.Where(run => !run.Record.State.HasEnded()).Select(Of).Where(row => row.Measured > 0)
                .OrderByDescending(row => Math.Max(row.Measured, row.Predicted ?? 0)).ThenBy(row => row.Name, StringComparer.Ordinal),
        ];
    }

    // Before the first step was measured: what it holds between steps.
    private static RunMemoryRow Of(RunView run) => new(run.Record.Id, run.Record.Name, run.Memory.Predicted?.Total, run.Memory.Measured ?? run.HeldBytes);
}
