using Studio.Core.Telemetry;

namespace Studio.Web.Api;

/// <summary>One point of a series.</summary>
/// <param name="Step">Optimizer step.</param>
/// <param name="Value">The value; null where it was not a finite number.</param>
/// <param name="Time">When it was measured, UTC.</param>
/// <param name="Epoch">Passes over the data, with fraction.</param>
/// <param name="Tokens">Tokens trained on until then.</param>
public sealed record PointDto(long Step, double? Value, DateTimeOffset Time, double Epoch, long Tokens)
{
    /// <summary>From a stored point.</summary>
    public static PointDto Of(MetricPoint point) => new(point.Step, ApiJson.Finite(point.Value), point.Time, point.Epoch, point.Tokens);
}

/// <summary>Points of one series, oldest first.</summary>
/// <param name="Name">loss, eval_loss, learning_rate, gradient_norm or tokens_per_second.</param>
/// <param name="Restarted">True when these points are the whole series and replace what the reader holds of it.</param>
/// <param name="Points">The points.</param>
public sealed record SeriesPoints(string Name, bool Restarted, IReadOnlyList<PointDto> Points);

/// <summary>New points of a run.</summary>
/// <param name="Cursor">Stands for everything read until now; a later read after it continues without a gap or a repetition.</param>
/// <param name="Series">The series.</param>
public sealed record RunPoints(string Cursor, IReadOnlyList<SeriesPoints> Series);
