using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Studio.Web.Components.Playground;

/// <summary>The one box for the question to all panes. Enter sends, Shift+Enter starts a new line.</summary>
public sealed partial class PromptBox
{
    private ElementReference _box;
    private string _text = "";

    /// <summary>Whether answers are being written; the button then stops them. Default: no.</summary>
    [Parameter] public bool IsAnswering { get; set; }

    /// <summary>Why nothing can be sent now. Default: nothing.</summary>
    [Parameter] public string? Blocked { get; set; }

    /// <summary>Raised with the question; the box is then empty.</summary>
    [Parameter] public EventCallback<string> OnSend { get; set; }

    /// <summary>Raised when the answers shall end.</summary>
    [Parameter] public EventCallback OnStop { get; set; }

    [Inject] public required IJSRuntime Runtime { get; init; }

    private bool CanSend => !IsAnswering && Blocked is null && !string.IsNullOrWhiteSpace(_text);

    /// <summary>Puts a question back that could not be asked, unless another one was begun.</summary>
    public void GiveBack(string text)
    {
        if (_text.Length > 0)
            return;
        _text = text;
        StateHasChanged();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        try
        {
            await using var module = await Runtime.InvokeAsync<IJSObjectReference>("import", "/js/playground.js");
            await module.InvokeVoidAsync("sendOnEnter", _box);
        }
        catch (JSDisconnectedException)
        {
            // The browser left while the page was being set up.
        }
    }

    private Task SendAsync()
    {
        // The key works while the button is off.
        if (!CanSend)
            return Task.CompletedTask;
        var text = _text.Trim();
        _text = "";
        return OnSend.InvokeAsync(text);
    }
}
