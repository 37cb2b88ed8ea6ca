using Microsoft.AspNetCore.Components;
using Studio.Web.Live;
using Studio.Web.Playground;

namespace Studio.Web.Components.Playground;

/// <summary>The turns of a pane. It renders by itself while answers come, the page around it does not.</summary>
public sealed partial class Conversation
{
    /// <summary>The session that signals progress.</summary>
    [Parameter, EditorRequired] public required PlaygroundSession Session { get; set; }

    /// <summary>The pane.</summary>
    [Parameter, EditorRequired] public required PlaygroundPane Pane { get; set; }

    /// <summary>What a screen reader calls it.</summary>
    [Parameter, EditorRequired] public required string Label { get; set; }

    /// <summary>How the test ids of the latest turn begin.</summary>
    [Parameter, EditorRequired] public required string TestId { get; set; }

    protected override void OnInitialized() =>
        Watch(LiveSources.Event((Action handler) => Session.Progressed += handler, handler => Session.Progressed -= handler));
}
