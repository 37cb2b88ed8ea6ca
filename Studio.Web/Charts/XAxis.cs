using Studio.Core.Telemetry;

namespace Studio.Web.Charts;

/// <summary>What the horizontal axis of a run's chart counts.</summary>
public enum XAxis
{
    /// <summary>Optimizer steps.</summary>
    Step,

    /// <summary>Passes over the data.</summary>
    Epoch,

    /// <summary>Tokens trained on.</summary>
    Tokens,

    /// <summary>Minutes since the run began, pauses included.</summary>
    Time,

    /// <summary>Time of day, in the time zone of the machine that the studio runs on.</summary>
    Clock,
}

/// <summary>Titles and positions of the horizontal axes.</summary>
public static class XAxes
{
    // Of the start of the studio: a curve must not run backwards where summer time ends.
    private static readonly TimeSpan Zone = DateTimeOffset.Now.Offset;

    /// <summary>Axes on which runs of different times can be compared.</summary>
    public static IReadOnlyList<XAxis> OfRuns { get; } = [XAxis.Step, XAxis.Epoch, XAxis.Tokens, XAxis.Time];

    /// <summary>Title under the axis.</summary>
    public static string TitleOf(XAxis axis) => axis switch
    {
        XAxis.Epoch => "Epoch",
        XAxis.Tokens => "Tokens",
        XAxis.Time => "Minutes",
        XAxis.Clock => "",
        _ => "Step",
    };

    /// <summary>Where a point lies; on <see cref="XAxis.Clock"/> in milliseconds since 1970 of the local clock, which is how Plotly takes dates.</summary>
    /// <param name="axis">The axis.</param>
    /// <param name="point">The point.</param>
    /// <param name="origin">When the run began; only time needs it. A point before it lies at zero.</param>
    public static double PositionOf(XAxis axis, MetricPoint point, DateTimeOffset origin) => axis switch
    {
        XAxis.Epoch => point.Epoch,
        XAxis.Tokens => point.Tokens,
        XAxis.Time => Math.Max(0, (point.Time - origin).TotalMinutes),
        XAxis.Clock => (point.Time.UtcDateTime + Zone - DateTime.UnixEpoch).TotalMilliseconds,
        _ => point.Step,
    };
}
