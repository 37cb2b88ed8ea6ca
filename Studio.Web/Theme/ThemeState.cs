using Microsoft.JSInterop;

namespace Studio.Web.Theme;

/// <summary>What the user chose.</summary>
public enum ThemePreference
{
    /// <summary>Follows the operating system.</summary>
    System,

    /// <summary>Always light.</summary>
    Light,

    /// <summary>Always dark.</summary>
    Dark,
}

/// <summary>
/// The theme of one circuit. The browser decides and remembers (localStorage); this mirrors it for what the server draws, the charts.
/// </summary>
public sealed class ThemeState(IJSRuntime runtime) : IAsyncDisposable
{
    private DotNetObjectReference<ThemeState>? _self;
    private IJSObjectReference? _module;

    /// <summary>Raised on the circuit's thread when <see cref="IsDark"/> or <see cref="Preference"/> changed.</summary>
    public event Action? Changed;

    /// <summary>Whether the page is dark now.</summary>
    public bool IsDark { get; private set; }

    /// <summary>The user's choice.</summary>
    public ThemePreference Preference { get; private set; }

    /// <summary>Reads the browser's state and listens to it; called once, after the first render.</summary>
    public async Task ConnectAsync()
    {
        _self ??= DotNetObjectReference.Create(this);
        _module ??= await runtime.InvokeAsync<IJSObjectReference>("import", "/js/theme.js");
        await _module.InvokeVoidAsync("connect", _self);
    }

    /// <summary>Stores a choice in the browser and applies it.</summary>
    public async Task SetPreferenceAsync(ThemePreference preference)
    {
        if (_module is not null)
            await _module.InvokeVoidAsync("setPreference", preference.ToString().ToLowerInvariant());
    }

    /// <summary>Called by the browser.</summary>
    [JSInvokable]
    public void Report(string preference, bool isDark)
    {
        var parsed = Enum.TryParse<ThemePreference>(preference, ignoreCase: true, out var value) ? value : ThemePreference.System;
        if (parsed == Preference && isDark == IsDark)
            return;
        (Preference, IsDark) = (parsed, isDark);
        Changed?.Invoke();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_module is not null)
            {
                await _module.InvokeVoidAsync("disconnect");
                await _module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The page is gone, and its listeners with it.
        }
        _self?.Dispose();
    }
}
