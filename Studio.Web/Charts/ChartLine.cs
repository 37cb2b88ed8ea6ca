using Studio.Core.Telemetry;
using Studio.Web.Theme;

namespace Studio.Web.Charts;

/// <summary>One series that a chart shows.</summary>
/// <param name="Key">The series in the metric store.</param>
/// <param name="Name">Text of the legend.</param>
/// <param name="Style">Color and dash.</param>
/// <param name="Origin">When its run began, for a time axis; null = the first point's time.</param>
/// <param name="Sparse">Whether its points are few and far apart, so that each is marked and none is smoothed.</param>
/// <param name="Stacked">Whether it is an area on top of the stacked lines before it.</param>
public sealed record ChartLine(SeriesKey Key, string Name, SeriesStyle Style, DateTimeOffset? Origin = null, bool Sparse = false, bool Stacked = false);
