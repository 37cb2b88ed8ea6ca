using Studio.Core.Runs;
using Studio.Core.Telemetry;
using Studio.Web.Api;

namespace Studio.Web.Hubs;

/// <summary>Sends one client the points and changes of one run.</summary>
public sealed class RunFollower(string runId, ITelemetryClient client, IRunService runs, MetricStore metrics, SeriesReader reader) : Follower
{
    private RunDto? _last;

    /// <inheritdoc/>
    protected override async Task SendAsync()
    {
        if (runs.Find(runId) is not { } view)
        {
            End();
            await client.RunRemoved(runId);
            return;
        }
        // The run is looked at before its points and sent after them: whoever hears of its end has all its points.
        var run = RunDto.Of(view, metrics);
        var points = reader.Read();
        SeriesPoints[] news = [.. points.Series.Where(series => series.Restarted || series.Points.Count > 0)];
        if (_last is null || news.Length > 0) await client.Points(runId, points with { Series = news });
        if (run == _last) return;
        _last = run;
        await client.RunChanged(run);
    }
}
