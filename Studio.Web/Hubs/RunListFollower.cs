using Studio.Core.Runs;
using Studio.Core.Telemetry;
using Studio.Web.Api;

namespace Studio.Web.Hubs;

/// <summary>Sends one client every run that appears, changes or goes.</summary>
public sealed class RunListFollower(ITelemetryClient client, IRunService runs, MetricStore metrics) : Follower
{
    private Dictionary<string, RunDto> _last = [];

    /// <inheritdoc/>
    protected override async Task SendAsync()
    {
        var now = runs.Runs.Select(view => RunDto.Of(view, metrics)).ToDictionary(run => run.Id, StringComparer.Ordinal);
        var before = _last;
        _last = now;
        foreach (string id in before.Keys.Where(id => !now.ContainsKey(id))) await client.RunRemoved(id);
        foreach (var run in now.Values.Where(run => before.GetValueOrDefault(run.Id) != run).OrderBy(run => run.CreatedAt)) await client.RunChanged(run);
    }
}
