namespace Studio.Web.Live;

/// <summary>
/// Turns signals from any thread into refreshes on a component's thread. Signals that arrive before a refresh has begun are one
/// refresh; a signal during a refresh causes exactly one more, so the last state is always shown.
/// </summary>
/// <param name="dispatch">Runs work on the component's thread, in practice <c>ComponentBase.InvokeAsync</c>.</param>
/// <param name="refresh">Reads the new state and renders it.</param>
/// <param name="fail">Receives what <paramref name="refresh"/> threw, in practice <c>DispatchExceptionAsync</c>.</param>
public sealed class LiveRefresh(Func<Func<Task>, Task> dispatch, Func<Task> refresh, Func<Exception, Task> fail) : IDisposable
{
    private readonly List<IDisposable> _subscriptions = [];
    private readonly Lock _gate = new();
    private bool _running;
    private bool _again;
    private volatile bool _disposed;

    /// <summary>Subscribes to a source; the subscription ends with this object.</summary>
    /// <param name="subscribe">Takes the action to call on each signal and returns the subscription.</param>
    public void Watch(Func<Action, IDisposable> subscribe) => _subscriptions.Add(subscribe(Signal));

    /// <summary>Asks for a refresh and returns at once.</summary>
    public void Signal()
    {
        lock (_gate)
        {
            _again = true;
            if (_running || _disposed)
                return;
            _running = true;
        }
        _ = RefreshWhileSignalledAsync();
    }

    private async Task RefreshWhileSignalledAsync()
    {
        try
        {
            do
            {
                await dispatch(() =>
                {
                    lock (_gate)
                        _again = false;
                    return _disposed ? Task.CompletedTask : refresh();
                });
            }
            while (GoesOn());
        }
        catch (ObjectDisposedException) when (_disposed)
        {
            // The component went away between the signal and its turn.
        }
        catch (Exception exception)
        {
            Stop();
            await fail(exception);
        }
    }

    private bool GoesOn()
    {
        lock (_gate)
            return _running = _again && !_disposed;
    }

    private void Stop()
    {
        lock (_gate)
            _running = false;
    }

    public void Dispose()
    {
        _disposed = true;
        _subscriptions.ForEach(subscription => subscription.Dispose());
        _subscriptions.Clear();
    }
}
