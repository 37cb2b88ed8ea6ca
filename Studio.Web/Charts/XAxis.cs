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
}

/// <summary>Titles and positions of the horizontal axes.</summary>
public static class XAxes
{
    /// <summary>Title under the axis.</summary>
    public static string TitleOf(XAxis axis) => axis switch
    {
        XAxis.Epoch => "Epoch",
        XAxis.Tokens => "Tokens",
        XAxis.Time => "Minutes",
        _ => "Step",
    };

    /// <summary>Where a point lies.</summary>
    /// <param name="axis">The axis.</param>
    /// <param name="point">The point.</param>
    /// <param name="origin">When the run began; only time needs it. A point before it lies at zero.</param>
    public static double PositionOf(XAxis axis, MetricPoint point, DateTimeOffset origin) => axis switch
    {
        XAxis.Epoch => point.Epoch,
        XAxis.Tokens => point.Tokens,
        XAxis.Time => Math.Max(0, (point.Time - origin).TotalMinutes),
        _ => point.Step,
    };
}
