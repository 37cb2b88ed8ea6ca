using Microsoft.AspNetCore.Components;

namespace Studio.Web.Live;

/// <summary>
/// A component that renders again when a source signals. It only looks: the work it shows belongs to the engine and goes on when the
/// component, the page or the circuit is gone.
/// </summary>
public abstract class LiveComponentBase : ComponentBase, IDisposable
{
    private readonly LiveRefresh _live;

    protected LiveComponentBase() => _live = new LiveRefresh(InvokeAsync, RefreshAsync, DispatchExceptionAsync);

    /// <summary>Subscribes to a source of signals until this component is disposed.</summary>
    /// <param name="subscribe">Takes the action to call on each signal and returns the subscription.</param>
    protected void Watch(Func<Action, IDisposable> subscribe) => _live.Watch(subscribe);

    /// <summary>Reads the new state before the render; runs on the component's thread. Default: nothing.</summary>
    protected virtual Task OnSignalAsync() => Task.CompletedTask;

    private async Task RefreshAsync()
    {
        await OnSignalAsync();
        StateHasChanged();
    }

    /// <summary>Ends the subscriptions; overriders call the base.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            _live.Dispose();
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }
}
