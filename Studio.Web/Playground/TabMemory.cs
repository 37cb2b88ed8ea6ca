using Microsoft.JSInterop;

namespace Studio.Web.Playground;

/// <summary>What the browser's tab keeps over a reload. Where storage is forbidden or full, it keeps nothing and says nothing.</summary>
public sealed class TabMemory(IJSRuntime runtime, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    private IJSObjectReference? _module;
    private CancellationTokenSource? _waiting;

    /// <summary>What was kept, or null. Called once, when the page runs in a browser.</summary>
    public async Task<KeptPlayground?> LoadAsync()
    {
        try
        {
            _module = await runtime.InvokeAsync<IJSObjectReference>("import", "/js/playground.js");
            return KeptPlayground.Parse(await _module.InvokeAsync<string?>("load"));
        }
        catch (Exception exception) when (HasLeft(exception))
        {
            return null;
        }
    }

    /// <summary>Keeps the state of a moment later; of several calls the last one counts.</summary>
    public async Task SaveSoonAsync(Func<KeptPlayground> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        var earlier = _waiting;
        using var waiting = _waiting = new CancellationTokenSource();
        earlier?.Cancel();
        try
        {
            await Task.Delay(Pause, clock, waiting.Token);
            if (_module is { } module)
                await module.InvokeVoidAsync("save", read().ToJson());
        }
        catch (Exception exception) when (HasLeft(exception))
        {
            // A later state is kept instead, or the tab is gone.
        }
        finally
        {
            if (_waiting == waiting)
                _waiting = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _waiting?.Cancel();
        try
        {
            if (_module is { } module)
                await module.DisposeAsync();
        }
        catch (Exception exception) when (HasLeft(exception))
        {
            // The browser went first.
        }
    }

    private static bool HasLeft(Exception exception) => exception is JSDisconnectedException or OperationCanceledException or ObjectDisposedException;
}
