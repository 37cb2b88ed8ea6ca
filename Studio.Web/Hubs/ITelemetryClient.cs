using Studio.Web.Api;

namespace Studio.Web.Hubs;

/// <summary>What the telemetry hub calls at a client. The same JSON as in the HTTP API.</summary>
public interface ITelemetryClient
{
    /// <summary>New points of a run that the client joined.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="batch">The points, and the cursor to join again with.</param>
    Task Points(string runId, RunPoints batch);

    /// <summary>A run appeared or changed: state, progress, figures. Always the whole run. Once it says that a run has ended, all its points were sent.</summary>
    /// <param name="run">The run as it is now.</param>
    Task RunChanged(RunDto run);

    /// <summary>A run was deleted; nothing follows about it.</summary>
    /// <param name="runId">The run.</param>
    Task RunRemoved(string runId);
}
