using MudBlazor;

namespace Studio.Web.Components.Pages;

/// <summary>Tells a new user what to do next.</summary>
public sealed partial class Home
{
    private static readonly Step[] Steps =
    [
        new("/datasets", "Pick a dataset", "Look at the sample datasets, or upload conversations of your own as JSONL.",
            "Open datasets", Icons.Material.Outlined.Dataset),
        new("/fine-tunes", "Start two fine-tunes", "Launch them side by side on the shared base and watch both loss curves move.",
            "Open fine-tunes", Icons.Material.Outlined.Tune),
        new("/playground", "Chat while they train", "Ask the base and an adapter the same question and compare the answers.",
            "Open the playground", Icons.Material.Outlined.Forum),
    ];

    private sealed record Step(string Path, string Title, string Text, string Action, string Icon);
}
