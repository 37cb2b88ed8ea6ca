using System.Collections.Concurrent;

namespace Studio.Web.Theme;

/// <summary>
/// Gives each run the same color on every page and for every visitor while the studio runs. The first ten runs differ; later ones
/// reuse the palette with another line style (see <see cref="SeriesStyle.Dash"/>).
/// </summary>
public sealed class SeriesColors
{
    private readonly ConcurrentDictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>The style of a run; assigned on first use, stable afterwards.</summary>
    public SeriesStyle StyleOf(string runId) => new(PlaceOf(runId));

    private int PlaceOf(string runId)
    {
        if (_places.TryGetValue(runId, out var known))
            return known;
        lock (_gate)
            return _places.GetOrAdd(runId, _places.Count);
    }
}

/// <summary>How one series is drawn.</summary>
/// <param name="Place">Place in the order of first use; below zero: one of the styles without a color.</param>
public readonly record struct SeriesStyle(int Place)
{
    private static readonly string[] Dashes = ["solid", "dash", "dot", "dashdot"];

    /// <summary>The color of text: for a sum of others.</summary>
    public static SeriesStyle Ink { get; } = new(-1);

    /// <summary>The same, dashed.</summary>
    public static SeriesStyle DashedInk { get; } = new(-2);

    /// <summary>The color of less important text: for the rest beside others.</summary>
    public static SeriesStyle Muted { get; } = new(-3);

    /// <summary>Plotly line style; changes with every round through the palette.</summary>
    public string Dash => Place < 0 ? Dashes[this == DashedInk ? 1 : 0] : Dashes[Place / CategoricalPalette.Light.Count % Dashes.Length];

    /// <summary>A css value that follows the theme without the server's help.</summary>
    public string CssColor => Place < 0 ? this == Muted ? "var(--mud-palette-text-secondary)" : "var(--mud-palette-text-primary)" : $"var(--studio-series-{Place % CategoricalPalette.Light.Count})";

    /// <summary>The color as hexadecimal RGB.</summary>
    public string ColorOf(bool dark) => Place < 0 ? this == Muted ? ChartTheme.MutedInkOf(dark) : ChartTheme.InkOf(dark) : CategoricalPalette.ColorOf(Place, dark);
}
