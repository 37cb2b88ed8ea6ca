using Microsoft.AspNetCore.Components;
using Studio.Core;
using Studio.Core.Serving;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Adapters;

/// <summary>How an adapter is spoken to: its template, special tokens, and the tokens that end an answer.</summary>
public sealed partial class AdapterChatCard
{
    private AdapterChat? _chat;
    private Refusal? _failure;

    /// <summary>Id of the adapter.</summary>
    [Parameter, EditorRequired] public required string AdapterId { get; set; }

    [Inject] public required IAdapterService Adapters { get; init; }

    protected override async Task OnInitializedAsync()
    {
        try
        {
            _chat = await Adapters.ChatAsync(AdapterId);
        }
        catch (NotFoundException)
        {
            // It was deleted a moment ago; the page around says so.
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _failure = refusal;
        }
    }
}
