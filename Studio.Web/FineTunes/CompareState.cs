using System.Globalization;
using Studio.Core.Training;
using Studio.Web.Charts;

namespace Studio.Web.FineTunes;

/// <summary>What the comparison shows. It lives in the page's address, so a reload or a link shows the same.</summary>
public sealed record CompareState
{
    /// <summary>Path of the page.</summary>
    public const string Path = "/compare";

    /// <summary>Runs in the order of choice.</summary>
    public IReadOnlyList<string> RunIds { get; init; } = [];

    /// <summary>Horizontal axis.</summary>
    public XAxis X { get; init; } = XAxis.Step;

    /// <summary>Weight of the smoothing.</summary>
    public double Smoothing { get; init; } = 0.6;

    /// <summary>The series that is drawn.</summary>
    public string Series { get; init; } = RunSeries.Loss;

    /// <summary>Reads an address; what is missing or makes no sense gets its default.</summary>
    public static CompareState Parse(string? runs, string? x, string? smoothing, string? series)
    {
        var initial = new CompareState();
        return new CompareState
        {
            RunIds = [.. (runs ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)],
            X = Enum.TryParse<XAxis>(x, ignoreCase: true, out var axis) && XAxes.OfRuns.Contains(axis) ? axis : initial.X,
            Smoothing = double.TryParse(smoothing, NumberStyles.Float, CultureInfo.InvariantCulture, out var weight) && double.IsFinite(weight)
                ? Math.Clamp(weight, 0, ExponentialSmoothing.MaximumWeight)
                : initial.Smoothing,
            Series = RunSeries.All.Contains(series, StringComparer.Ordinal) ? series! : initial.Series,
        };
    }

    /// <summary>The address that shows these runs with the default view.</summary>
    public static string UriOf(IEnumerable<string> runIds) => new CompareState { RunIds = [.. runIds] }.ToUri();

    /// <summary>The address of this state.</summary>
    public string ToUri() => string.Create(CultureInfo.InvariantCulture,
        $"{Path}?runs={string.Join(',', RunIds.Select(Uri.EscapeDataString))}&x={X.ToString().ToLowerInvariant()}&smooth={Smoothing:0.##}&series={Series}");

    /// <summary>The same view with a run added, or taken away if it was there.</summary>
    public CompareState Toggle(string runId) => this with { RunIds = RunIds.Contains(runId) ? [.. RunIds.Where(id => id != runId)] : [.. RunIds, runId] };
}
