using System.Globalization;
using Microsoft.AspNetCore.Components;
using Studio.Core.Runs;
using Studio.Web.Monitoring;

namespace Studio.Web.Components.Monitoring;

/// <summary>What each run was expected to hold and what it holds, as a pair of bars.</summary>
public sealed partial class RunMemoryPanel
{
    // More than this above its forecast, and admission counted on too little.
    private const double Tolerated = 1.1;

    private IReadOnlyList<RunMemoryRow> _rows = [];

    [Inject] public required IRunService Runs { get; init; }

    protected override TimeSpan Interval => TimeSpan.FromSeconds(1);

    private string WidthOf(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"width: {100d * bytes / Math.Max(1, _rows.Max(row => Math.Max(row.Measured, row.Predicted ?? 0))):0.##}%");

    protected override void Read() => _rows = RunMemoryRows.Of(Runs.Runs);
}
