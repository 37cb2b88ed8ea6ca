using System.Collections.Concurrent;
using Microsoft.AspNetCore.SignalR;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Web.Api;

namespace Studio.Web.Hubs;

/// <summary>
/// Brings the engine's signals to the hub's clients. Each client has followers of its own instead of a place in a group: a group's sender
/// waits for its slowest member, or piles up messages for it.
/// </summary>
public sealed class TelemetryBroadcaster(IServiceProvider services, IHubContext<TelemetryHub, ITelemetryClient> hub) : IHostedService
{
    /// <summary>Runs that one connection may follow at once.</summary>
    public const int MaximumFollowed = 256;

    // No run has this id: ids are letters and digits.
    private const string ListKey = "*";

    private readonly ConcurrentDictionary<string, ConnectionFollowers> _connections = new(StringComparer.Ordinal);
    private Action? _stopListening;

    // The engine's services exist from its start on, which comes after this object is made.
    private IRunService Runs => services.GetRequiredService<IRunService>();

    private StudioTelemetry Telemetry => services.GetRequiredService<StudioTelemetry>();

    /// <summary>Connections that are open.</summary>
    public int Connections => _connections.Count;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var (runs, telemetry) = (Runs, Telemetry);
        void Forward(string runId) => telemetry.Changes.Signal(runId);
        runs.StateChanged += Forward;
        _stopListening = () => runs.StateChanged -= Forward;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _stopListening, null)?.Invoke();
        foreach (string connection in _connections.Keys) Disconnect(connection);
        return Task.CompletedTask;
    }

    /// <summary>A connection opened.</summary>
    public void Connect(string connectionId) => _connections[connectionId] = new ConnectionFollowers();

    /// <summary>A connection closed: what it followed ends.</summary>
    public void Disconnect(string connectionId)
    {
        if (_connections.TryRemove(connectionId, out var followers)) followers.Dispose();
    }

    /// <summary>Lets a connection follow a run; one that follows it already starts anew.</summary>
    /// <exception cref="HubException">It follows too many.</exception>
    public Task FollowRunAsync(string connectionId, string runId, SeriesReader reader)
    {
        var follower = new RunFollower(runId, hub.Clients.Client(connectionId), Runs, Telemetry.Metrics, reader);
        Place(connectionId, runId, follower);
        return follower.StartAsync(call => Telemetry.Changes.Subscribe(runId, call));
    }

    /// <summary>Lets a connection follow the list of runs.</summary>
    public Task FollowListAsync(string connectionId)
    {
        var follower = new RunListFollower(hub.Clients.Client(connectionId), Runs, Telemetry.Metrics);
        Place(connectionId, ListKey, follower);
        return follower.StartAsync(call => Telemetry.Changes.SubscribeToAll(call));
    }

    /// <summary>A connection no longer follows a run.</summary>
    public void LeaveRun(string connectionId, string runId) => _connections.GetValueOrDefault(connectionId)?.Remove(runId);

    /// <summary>A connection no longer follows the list.</summary>
    public void LeaveList(string connectionId) => LeaveRun(connectionId, ListKey);

    private void Place(string connectionId, string key, Follower follower)
    {
        if (_connections.GetValueOrDefault(connectionId) is not { } followers || !followers.TrySet(key, follower))
            throw new HubException($"This connection is closing, or follows {MaximumFollowed} runs already; leave some first.");
    }
}
