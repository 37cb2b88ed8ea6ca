using Microsoft.AspNetCore.Components;
using Studio.Core.Serving;
using Studio.Web.Charts;
using Studio.Web.Formatting;
using Studio.Web.Monitoring;

namespace Studio.Web.Components.Monitoring;

/// <summary>Memory over time, from the start of the studio until now: by use as areas, as measured as lines.</summary>
public sealed partial class MemoryChart
{
    private IReadOnlyList<ChartLine> _lines = [];
    private bool _ownersOnly;

    [Inject] public required StudioTelemetry Telemetry { get; init; }

    protected override void OnInitialized() => Show(ownersOnly: false);

    // Beside a large process small owners cannot be told apart.
    private void Show(bool ownersOnly)
    {
        _ownersOnly = ownersOnly;
        _lines = ownersOnly ? MemoryHistory.Areas : MemoryHistory.Lines(Telemetry.ReadMemory().Process.Gpu is not null);
    }

    private static string TextOf(double mebibytes) => double.IsNaN(mebibytes) ? NumberText.None : BytesText.Format((long)(mebibytes * 1048576));
}
