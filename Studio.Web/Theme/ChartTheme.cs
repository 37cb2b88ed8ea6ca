using Plotly.Blazor;
using Plotly.Blazor.LayoutLib;
using AxisTitle = Plotly.Blazor.LayoutLib.XAxisLib.Title;
using XTickFont = Plotly.Blazor.LayoutLib.XAxisLib.TickFont;
using YAxisTitle = Plotly.Blazor.LayoutLib.YAxisLib.Title;
using YTickFont = Plotly.Blazor.LayoutLib.YAxisLib.TickFont;

namespace Studio.Web.Theme;

/// <summary>What a chart shows on its axes.</summary>
/// <param name="XTitle">Title of the horizontal axis.</param>
/// <param name="YTitle">Title of the vertical axis.</param>
/// <param name="LogarithmicY">Whether the vertical axis is logarithmic.</param>
/// <param name="Height">Height of the whole chart in pixels.</param>
/// <param name="ClockX">Whether the horizontal axis shows times of day.</param>
/// <param name="Legend">Whether lines are named above the chart.</param>
public sealed record ChartAxes(string XTitle, string YTitle, bool LogarithmicY = false, int Height = 320, bool ClockX = false, bool Legend = true);

/// <summary>Plotly layout and configuration in the studio's look.</summary>
public static class ChartTheme
{
    private const string FontFamily = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif";

    /// <summary>Color of text on a chart.</summary>
    public static string InkOf(bool dark) => (dark ? DarkInk : LightInk).Text;

    /// <summary>Color of less important text.</summary>
    public static string MutedInkOf(bool dark) => (dark ? DarkInk : LightInk).Muted;

    private static readonly ChartInk LightInk = new("#1b2228", "#55626e", "#e4e8eb", "#c3cad0", "#ffffff", "#ffffff");
    private static readonly ChartInk DarkInk = new("#e5eaee", "#9ba8b3", "#252e35", "#3a454e", "#1d252b", "#171d22");

    /// <summary>Layout for a chart on a card. The background is the surface role of the theme.</summary>
    /// <param name="axes">Titles and scale.</param>
    /// <param name="dark">Whether the page is dark.</param>
    /// <param name="separators">Decimal and group separator, for example <c>".,"</c>.</param>
    public static Layout CreateLayout(ChartAxes axes, bool dark, string separators)
    {
        var ink = dark ? DarkInk : LightInk;
        return new Layout
        {
            AutoSize = true,
            Height = axes.Height,
            PaperBgColor = ink.Surface,
            PlotBgColor = ink.Surface,
            Font = new Font { Family = FontFamily, Size = 12, Color = ink.Text },
            Margin = new Margin { L = 56, R = 16, T = 12, B = 44 },
            Separators = separators,
            // The same value at every update keeps the user's zoom and hidden series.
            UiRevision = "studio",
            HoverMode = HoverModeEnum.XUnified,
            HoverLabel = new HoverLabel { BgColor = ink.Label, BorderColor = ink.Axis },
            ShowLegend = axes.Legend,
            Legend = [new Legend { Orientation = Plotly.Blazor.LayoutLib.LegendLib.OrientationEnum.H, X = 0, Y = 1.02m, YAnchor = Plotly.Blazor.LayoutLib.LegendLib.YAnchorEnum.Bottom }],
            XAxis = [CreateXAxis(axes, ink)],
            YAxis = [CreateYAxis(axes, ink)],
        };
    }

    /// <summary>No tool bar, no logo, follows the size of its container.</summary>
    public static Config CreateConfig() => new()
    {
        Responsive = true,
        DisplayLogo = false,
        DisplayModeBar = Plotly.Blazor.ConfigLib.DisplayModeBarEnum.False,
    };

    private static XAxis CreateXAxis(ChartAxes axes, ChartInk ink) => new()
    {
        Title = new AxisTitle { Text = axes.XTitle, Standoff = 8 },
        TickFont = new XTickFont { Color = ink.Muted },
        GridColor = ink.Grid,
        LineColor = ink.Axis,
        ZeroLine = false,
        ShowGrid = false,
        ShowLine = true,
        // Times of day are long.
        NTicks = axes.ClockX ? 5 : 8,
        TickAngle = axes.ClockX ? 0 : null,
        SpikeColor = ink.Muted,
        SpikeThickness = 1,
        SpikeDash = "solid",
        Type = axes.ClockX ? Plotly.Blazor.LayoutLib.XAxisLib.TypeEnum.Date : null,
        UnifiedHoverTitle = new Plotly.Blazor.LayoutLib.XAxisLib.UnifiedHoverTitle { Text = axes.ClockX ? "%{x|%H:%M:%S}" : $"{axes.XTitle} %{{x}}" },
    };

    private static YAxis CreateYAxis(ChartAxes axes, ChartInk ink) => new()
    {
        Title = new YAxisTitle { Text = axes.YTitle, Standoff = 8 },
        TickFont = new YTickFont { Color = ink.Muted },
        GridColor = ink.Grid,
        LineColor = ink.Axis,
        ZeroLine = false,
        NTicks = 6,
        // A learning rate of 0.0001 must not read "100µ".
        MinExponent = 7,
        Type = axes.LogarithmicY ? Plotly.Blazor.LayoutLib.YAxisLib.TypeEnum.Log : null,
    };

    private sealed record ChartInk(string Text, string Muted, string Grid, string Axis, string Label, string Surface);
}
