using Microsoft.AspNetCore.Components;
using Studio.Core.Storage;
using Studio.Web.Playground;

namespace Studio.Web.Components.Playground;

/// <summary>The sliders of a blend: how much of the base, and how much of each adapter.</summary>
public sealed partial class BlendEditor
{
    /// <summary>The blend.</summary>
    [Parameter, EditorRequired] public required BlendChoice Blend { get; set; }

    /// <summary>Who can be in it.</summary>
    [Parameter, EditorRequired] public required PaneChoices Choices { get; set; }

    /// <summary>Start of the ids of its inputs.</summary>
    [Parameter, EditorRequired] public required string TestId { get; set; }

    /// <summary>Whether it can be changed now. Default: it can.</summary>
    [Parameter] public bool Disabled { get; set; }

    /// <summary>Raised with the blend that is wanted.</summary>
    [Parameter] public EventCallback<BlendChoice> OnChange { get; set; }

    private IReadOnlyList<AdapterRecord> Others => [.. Choices.Adapters.Where(adapter => Blend.Parts.All(part => part.AdapterId != adapter.Id))];

    private Task AddAsync(ChangeEventArgs change) => change.Value is string { Length: > 0 } id ? SetAsync(Blend.Plus(id)) : Task.CompletedTask;

    private Task SetAsync(BlendChoice blend) => OnChange.InvokeAsync(blend);
}
