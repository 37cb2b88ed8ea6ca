using Microsoft.AspNetCore.Components;
using Studio.Core.Serving;
using Studio.Web.Charts;
using Studio.Web.Monitoring;

namespace Studio.Web.Components.Monitoring;

/// <summary>Memory over time, from the start of the studio until now.</summary>
public sealed partial class MemoryChart
{
    private IReadOnlyList<ChartLine> _lines = [];

    [Inject] public required StudioTelemetry Telemetry { get; init; }

    protected override void OnInitialized() => _lines = MemoryHistory.Lines(Telemetry.ReadMemory().Process.Gpu is not null);
}
