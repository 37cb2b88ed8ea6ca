using System.Globalization;
using Plotly.Blazor;
using Plotly.Blazor.Traces;
using Plotly.Blazor.Traces.ScatterLib;

namespace Studio.Web.Components.Shared;

/// <summary>Turns series and points into what Plotly draws.</summary>
internal static class LineTraces
{
    /// <summary>An empty line in the series' style.</summary>
    public static Scatter Create(ChartSeries series, bool dark, string unit) => new()
    {
        Name = Escape(series.Name),
        Mode = series.Emphasis == LineEmphasis.Marked ? ModeFlag.Lines | ModeFlag.Markers : ModeFlag.Lines,
        Line = new Line { Color = series.Style.ColorOf(dark), Dash = series.Style.Dash, Width = series.Emphasis == LineEmphasis.Area ? 0.5m : 1.75m },
        StackGroup = series.Emphasis == LineEmphasis.Area ? "areas" : null,
        // Each area is thinned out by itself: where one has no point it is as high as between its neighbours, not zero.
        StackGaps = series.Emphasis == LineEmphasis.Area ? StackGapsEnum.Interpolate : null,
        // d3 format: four significant digits without trailing zeros.
        HoverTemplate = $"%{{y:.4~g}}{(unit.Length > 0 ? " " + Escape(unit) : "")}",
        Opacity = series.Emphasis == LineEmphasis.Faint ? 0.28m : 1,
        ShowLegend = series.Emphasis != LineEmphasis.Faint,
        HoverInfo = series.Emphasis == LineEmphasis.Faint ? HoverInfoFlag.Skip : HoverInfoFlag.All,
        LegendGroup = string.Create(CultureInfo.InvariantCulture, $"{series.Style.Place}"),
        ConnectGaps = false,
        X = [],
        Y = [],
    };

    /// <summary>A line again, in another theme or place, with the points it had.</summary>
    public static ITrace Restyle(ITrace trace, ChartSeries series, bool dark, string unit)
    {
        var (old, next) = ((Scatter)trace, Create(series, dark, unit));
        (next.X, next.Y) = (old.X, old.Y);
        return next;
    }

    /// <summary>Values for JSON, which knows no NaN and no infinity.</summary>
    public static List<object> ToJson(IEnumerable<double> values) => [.. values.Select(value => double.IsFinite(value) ? (object)value : null!)];

    // Plotly reads a subset of HTML in texts.
    private static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal);
}
