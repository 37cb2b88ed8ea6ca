using MudBlazor;

namespace Studio.Web.Components.Layout;

/// <summary>One entry of the navigation.</summary>
/// <param name="Path">Address within the studio.</param>
/// <param name="Title">Text of the entry.</param>
/// <param name="Icon">SVG path of the icon.</param>
public sealed record NavItem(string Path, string Title, string Icon);

/// <summary>The areas of the studio, in the order of the navigation.</summary>
public static class NavItems
{
    public static IReadOnlyList<NavItem> All { get; } =
    [
        new("/", "Home", Icons.Material.Outlined.Home),
        new("/runs", "Fine-tunes", Icons.Material.Outlined.Tune),
        new("/compare", "Compare", Icons.Material.Outlined.SsidChart),
        new("/playground", "Playground", Icons.Material.Outlined.Forum),
        new("/adapters", "Adapters", Icons.Material.Outlined.Extension),
        new("/models", "Models", Icons.Material.Outlined.Memory),
        new("/datasets", "Datasets", Icons.Material.Outlined.Dataset),
        new("/monitor", "Monitor", Icons.Material.Outlined.MonitorHeart),
    ];
}
