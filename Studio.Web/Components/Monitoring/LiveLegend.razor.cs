using Microsoft.AspNetCore.Components;
using Studio.Core.Serving;
using Studio.Web.Charts;
using Studio.Web.Live;
using Studio.Web.Monitoring;

namespace Studio.Web.Components.Monitoring;

/// <summary>Names the lines of a chart with their values of this moment.</summary>
public sealed partial class LiveLegend
{
    private IReadOnlyList<(ChartLine Line, double Value)> _values = [];

    /// <summary>The lines.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<ChartLine> Lines { get; set; }

    /// <summary>Text of a value, which is NaN where there is none now.</summary>
    [Parameter, EditorRequired] public required Func<double, string> Text { get; set; }

    /// <summary>Whether areas that are empty now are left out. Default: false.</summary>
    [Parameter] public bool HideEmpty { get; set; }

    /// <summary>Names the list for tests.</summary>
    [Parameter] public string? TestId { get; set; }

    [Inject] public required StudioTelemetry Telemetry { get; init; }

    [Inject] public required TimeProvider Clock { get; init; }

    protected override void OnInitialized() => Watch(LiveSources.Every(Clock, MonitorSampler.Interval));

    protected override void OnParametersSet() => Read();

    protected override Task OnSignalAsync()
    {
        Read();
        return Task.CompletedTask;
    }

    private static string SwatchOf(ChartLine line) => line.Stacked ? $"background: {line.Style.CssColor}" : $"border-top: 2px {(line.Style.Dash == "solid" ? "solid" : "dashed")} {line.Style.CssColor}";

    private void Read() => _values =
    [
        .. Lines.Select(line => (line, Telemetry.Metrics.Latest(line.Key)?.Value ?? double.NaN)).Where(entry => !HideEmpty || !entry.line.Stacked || entry.Item2 > 0),
    ];
}
