using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Studio.Web.Theme;

namespace Studio.Web.Components.Layout;

/// <summary>The frame of every page: app bar, navigation, content, and a boundary that keeps a page's error from ending the circuit.</summary>
public sealed partial class MainLayout : IDisposable
{
    private ErrorBoundary? _boundary;
    private bool _drawerOpen = true;
    private bool _interactive;

    [Inject] public required ThemeState Theme { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    // Before the circuit runs, only css knows the width of the window; see .studio-drawer-static.
    private string DrawerClass => _interactive ? "studio-drawer" : "studio-drawer studio-drawer-static";

    protected override void OnInitialized() => Navigation.LocationChanged += OnLocationChanged;

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        await Theme.ConnectAsync();
        _interactive = true;
        StateHasChanged();
    }

    private void ToggleDrawer() => _drawerOpen = !_drawerOpen;

    private void OnDrawerChanged(bool open) => _drawerOpen = open;

    private void Recover() => _boundary?.Recover();

    private void OnLocationChanged(object? sender, LocationChangedEventArgs e) => InvokeAsync(Recover);

    public void Dispose() => Navigation.LocationChanged -= OnLocationChanged;
}
