using Microsoft.AspNetCore.SignalR;
using Studio.Core;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Web.Api;

namespace Studio.Web.Hubs;

/// <summary>Live runs for any SignalR client. What a connection follows ends with the connection; the runs do not.</summary>
public sealed class TelemetryHub(TelemetryBroadcaster broadcaster, IRunService runs, StudioTelemetry telemetry) : Hub<ITelemetryClient>
{
    /// <summary>Where it lies.</summary>
    public const string Path = "/hubs/telemetry";

    /// <summary>Follows one run: first everything until now, then everything after it. When the call completes, the first part was sent.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="after">A cursor of an earlier batch, or an optimizer step; null = from the beginning.</param>
    /// <exception cref="HubException">No such run, or <paramref name="after"/> is neither.</exception>
    public async Task JoinRun(string runId, string? after = null)
    {
        if (runs.Find(runId ?? "") is null) throw new HubException(new NotFoundException("run", runId ?? "").Message);
        await runs.RestoreTelemetryAsync(runId!);
        try
        {
            await broadcaster.FollowRunAsync(Context.ConnectionId, runId!, SeriesReader.Of(telemetry.Metrics, runId!, [], after));
        }
        catch (ApiException refusal)
        {
            throw new HubException(refusal.Message);
        }
    }

    /// <summary>No longer follows a run.</summary>
    /// <param name="runId">The run.</param>
    public void LeaveRun(string runId) => broadcaster.LeaveRun(Context.ConnectionId, runId ?? "");

    /// <summary>Follows the list of runs: first each run as it is, then each that appears, changes or goes. When the call completes, the first part was sent.</summary>
    public Task JoinRuns() => broadcaster.FollowListAsync(Context.ConnectionId);

    /// <summary>No longer follows the list.</summary>
    public void LeaveRuns() => broadcaster.LeaveList(Context.ConnectionId);

    /// <inheritdoc/>
    public override Task OnConnectedAsync()
    {
        broadcaster.Connect(Context.ConnectionId);
        return base.OnConnectedAsync();
    }

    /// <inheritdoc/>
    public override Task OnDisconnectedAsync(Exception? exception)
    {
        broadcaster.Disconnect(Context.ConnectionId);
        return base.OnDisconnectedAsync(exception);
    }
}
