using Studio.Web.Theme;

namespace Studio.Web.Components.Shared;

/// <summary>One line of a chart.</summary>
/// <param name="Id">Names the line in calls.</param>
/// <param name="Name">Text of the legend.</param>
/// <param name="Style">Color and dash; of a run: <see cref="SeriesColors.StyleOf"/>.</param>
public sealed record ChartSeries(string Id, string Name, SeriesStyle Style)
{
    /// <summary>How the line stands out.</summary>
    public LineEmphasis Emphasis { get; init; }
}

/// <summary>How a line stands out among others.</summary>
public enum LineEmphasis
{
    /// <summary>A line.</summary>
    Plain,

    /// <summary>A pale line behind another one of the same name; without legend and hover text.</summary>
    Faint,

    /// <summary>A line whose points are marked, because they are far apart.</summary>
    Marked,

    /// <summary>An area that stands on the areas before it.</summary>
    Area,
}

/// <summary>Points of one line, as long as each other.</summary>
/// <param name="SeriesId">The line.</param>
/// <param name="Xs">Horizontal positions.</param>
/// <param name="Ys">Values; one that is not finite leaves a gap.</param>
public sealed record ChartPoints(string SeriesId, IReadOnlyList<double> Xs, IReadOnlyList<double> Ys);
