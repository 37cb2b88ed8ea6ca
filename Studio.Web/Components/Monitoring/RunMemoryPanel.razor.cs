using System.Globalization;
using Microsoft.AspNetCore.Components;
using Studio.Core.Runs;
using Studio.Web.Live;
using Studio.Web.Monitoring;

namespace Studio.Web.Components.Monitoring;

/// <summary>What each run was expected to hold and what it holds, as a pair of bars.</summary>
public sealed partial class RunMemoryPanel
{
    // More than this above its forecast, and admission counted on too little.
    private const double Tolerated = 1.1;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private IReadOnlyList<RunMemoryRow> _rows = [];

    [Inject] public required IRunService Runs { get; init; }

    [Inject] public required TimeProvider Clock { get; init; }

    protected override void OnInitialized()
    {
        Watch(LiveSources.Every(Clock, Interval));
        Read();
    }

    protected override Task OnSignalAsync()
    {
        Read();
        return Task.CompletedTask;
    }

    private string WidthOf(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"width: {100d * bytes / Math.Max(1, _rows.Max(row => Math.Max(row.Measured, row.Predicted ?? 0))):0.##}%");

    private void Read() => _rows = RunMemoryRows.Of(Runs.Runs);
}
