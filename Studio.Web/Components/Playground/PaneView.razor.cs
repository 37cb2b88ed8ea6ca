using Microsoft.AspNetCore.Components;
using Studio.Core.Storage;
using Studio.Web.Playground;
using Studio.Web.Theme;

namespace Studio.Web.Components.Playground;

/// <summary>One pane: who answers, and the conversation.</summary>
public sealed partial class PaneView
{
    /// <summary>The session that the pane belongs to.</summary>
    [Parameter, EditorRequired] public required PlaygroundSession Session { get; set; }

    /// <summary>The pane.</summary>
    [Parameter, EditorRequired] public required PlaygroundPane Pane { get; set; }

    /// <summary>Its place, from 1.</summary>
    [Parameter, EditorRequired] public required int Number { get; set; }

    /// <summary>Who can answer.</summary>
    [Parameter, EditorRequired] public required PaneChoices Choices { get; set; }

    /// <summary>Whether it may go. Default: no.</summary>
    [Parameter] public bool CanRemove { get; set; }

    /// <summary>Raised with another choice: an adapter, or null for the base.</summary>
    [Parameter] public EventCallback<string?> OnChoose { get; set; }

    /// <summary>Raised after the conversation was cleared.</summary>
    [Parameter] public EventCallback OnCleared { get; set; }

    /// <summary>Raised when the pane shall go.</summary>
    [Parameter] public EventCallback OnRemove { get; set; }

    [Inject] public required SeriesColors Colors { get; init; }

    private string TestId => $"playground-pane-{Number}";

    private BlendChoice? Blend => BlendChoice.Parse(Pane.AdapterId);

    private string NewBlend => BlendChoice.Of(Choices.Adapters).ToText();

    private AdapterRecord? Adapter => Choices.Find(Pane.AdapterId);

    // The color that the adapter's run has in charts.
    private string SwatchColor => Adapter?.RunId is { } run ? Colors.StyleOf(run).CssColor : "var(--mud-palette-lines-inputs)";

    private Task ChooseAsync(ChangeEventArgs change)
    {
        var choice = (string)change.Value!;
        return OnChoose.InvokeAsync(choice == PlaygroundAddress.Base ? null : choice);
    }

    private Task ClearAsync()
    {
        Pane.Clear();
        return OnCleared.InvokeAsync();
    }
}
