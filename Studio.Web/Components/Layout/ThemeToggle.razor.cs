using Microsoft.AspNetCore.Components;
using MudBlazor;
using Studio.Web.Theme;

namespace Studio.Web.Components.Layout;

/// <summary>Lets the user choose light, dark, or the system's theme.</summary>
public sealed partial class ThemeToggle : IDisposable
{
    [Inject] public required ThemeState Theme { get; init; }

    private string CurrentIcon => IconOf(Theme.Preference);

    protected override void OnInitialized() => Theme.Changed += Refresh;

    private static string IconOf(ThemePreference preference) => preference switch
    {
        ThemePreference.Light => Icons.Material.Outlined.LightMode,
        ThemePreference.Dark => Icons.Material.Outlined.DarkMode,
        _ => Icons.Material.Outlined.Contrast,
    };

    private void Refresh() => InvokeAsync(StateHasChanged);

    public void Dispose() => Theme.Changed -= Refresh;
}
