using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.JSInterop;
using Studio.Web.Components.Layout;
using Studio.Web.Theme;

namespace Studio.Tests.Web.Theme;

public sealed class ThemeStateTests : StudioTestContext
{
    private ThemeState Theme => Services.GetRequiredService<ThemeState>();

    [Fact]
    public void Report_SameStateAgain_IsNoChange()
    {
        var changes = 0;
        Theme.Changed += () => changes++;

        Theme.Report("dark", isDark: true);
        Theme.Report("dark", isDark: true);

        Assert.Equal(1, changes);
        Assert.Equal((ThemePreference.Dark, true), (Theme.Preference, Theme.IsDark));
    }

    [Fact]
    public void Report_UnknownPreference_CountsAsSystem()
    {
        Theme.Report("sepia", isDark: true);

        Assert.Equal((ThemePreference.System, true), (Theme.Preference, Theme.IsDark));
    }

    [Fact]
    public async Task SetPreference_Connected_TellsTheBrowser()
    {
        await Theme.ConnectAsync();

        await Theme.SetPreferenceAsync(ThemePreference.Dark);

        Assert.Equal("dark", Modules.VerifyInvoke("setPreference").Arguments[0]);
    }

    [Fact]
    public async Task Dispose_PageIsGone_IsSilent()
    {
        await Theme.ConnectAsync();
        Modules.SetupVoid("disconnect").SetException(new JSDisconnectedException("gone"));

        await Theme.DisposeAsync();

        Modules.VerifyInvoke("disconnect");
    }

    [Fact]
    public async Task Toggle_ThemeChanges_NamesTheChoice()
    {
        var toggle = Render<ThemeToggle>();
        Assert.Equal("Theme: System", toggle.Find("button").GetAttribute("aria-label"));

        await toggle.InvokeAsync(() => Theme.Report("light", isDark: false));

        Assert.Equal("Theme: Light", toggle.Find("button").GetAttribute("aria-label"));
    }
}
