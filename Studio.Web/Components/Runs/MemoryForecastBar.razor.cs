using System.Globalization;
using Microsoft.AspNetCore.Components;
using Studio.Core.Runs;
using Studio.Web.FineTunes;
using Studio.Web.Formatting;
using Studio.Web.Theme;

namespace Studio.Web.Components.Runs;

/// <summary>A forecast of memory as one stacked bar.</summary>
public sealed partial class MemoryForecastBar
{
    // Closer to 1 than this nobody would see it in three digits.
    private const double Noticeable = 0.02;

    /// <summary>The forecast.</summary>
    [Parameter, EditorRequired] public required MemoryForecast Memory { get; set; }

    private IEnumerable<(string Name, long Bytes, string Color)> Parts => RunMemoryText.Parts(Memory).Select((part, i) => (part.Name, part.Bytes, new SeriesStyle(i).CssColor));

    private string Description => "Memory of one run: " + string.Join(", ", Parts.Select(part => $"{part.Name} {BytesText.Format(part.Bytes)}"));

    private string? FactorText => Math.Abs(Memory.Factor - 1) < Noticeable ? null
        : $"Steps on this base were measured to take {Memory.Factor.ToString("0.00", CultureInfo.CurrentCulture)} times what was calculated; the forecast follows.";

    private string Segment(long bytes, string color) => string.Create(CultureInfo.InvariantCulture, $"width: {100.0 * bytes / Math.Max(1, Memory.Total):0.###}%; background: {color}");
}
