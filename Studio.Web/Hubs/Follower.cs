using Studio.Core.Telemetry;

namespace Studio.Web.Hubs;

/// <summary>
/// Keeps one client up to date with one thing. It is told that something changed, looks what is new since it looked last, and sends that;
/// it looks again only when the client has taken it. So a slow client gets fewer and larger batches, has never more than one on the way,
/// and keeps nobody else waiting.
/// </summary>
public abstract class Follower : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private CoalescingSubscription? _subscription;
    private volatile bool _ended;

    /// <summary>Listens from now on, then sends everything until now; in this order, so that nothing falls between the two.</summary>
    /// <param name="subscribe">Takes what to call on a change.</param>
    public async Task StartAsync(Func<Func<Task>, CoalescingSubscription> subscribe)
    {
        ArgumentNullException.ThrowIfNull(subscribe);
        _subscription = subscribe(SendNewsAsync);
        if (_ended) _subscription.Dispose();
        await SendNewsAsync().ConfigureAwait(false);
    }

    /// <summary>Nothing more is sent, apart from what is on the way.</summary>
    public void Dispose()
    {
        End();
        GC.SuppressFinalize(this);
    }

    /// <summary>Looks for news and sends them; never twice at once.</summary>
    protected abstract Task SendAsync();

    /// <summary>There will be no more news.</summary>
    protected void End()
    {
        _ended = true;
        _subscription?.Dispose();
    }

    private async Task SendNewsAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!_ended) await SendAsync().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }
}
