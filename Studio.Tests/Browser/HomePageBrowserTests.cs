using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Studio.Tests.Web;

namespace Studio.Tests.Browser;

[Collection(BrowserSuite.Name)]
public sealed class HomePageBrowserTests(BrowserFixture browser)
{
    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    public async Task Home_EveryWidthAndTheme_FitsAndConsoleIsEmpty(int width, ColorScheme scheme)
    {
        await using var studio = await browser.OpenAsync(width, height: 800, scheme);

        await studio.GoToAsync("/");

        Assert.Equal(scheme.ToString().ToLowerInvariant(), await studio.Page.Locator("html").GetAttributeAsync("data-theme"));
        await studio.AssertNoSidewaysScrollAsync();
        await studio.ScreenshotAsync($"home-{width}-{scheme}".ToLowerInvariant());
        studio.AssertQuiet();
    }

    [Fact]
    public async Task ThemeToggle_Dark_SurvivesReloadAndIsSetBeforeTheFirstPaint()
    {
        await using var studio = await browser.OpenAsync();
        await studio.GoToAsync("/");

        await studio.Page.GetByRole(AriaRole.Button, new() { Name = "Theme: System" }).ClickAsync();
        await studio.Page.Locator(".mud-menu-item").Filter(new() { HasText = "Dark" }).ClickAsync();
        await studio.Page.Locator("html[data-theme=dark]").WaitForAsync(new() { State = WaitForSelectorState.Attached });

        // The attribute as the body's first element is parsed, before any component runs.
        await studio.Page.AddInitScriptAsync(
            "new MutationObserver((_, o) => { if (document.body) { window.themeAtBody = document.documentElement.dataset.theme; o.disconnect(); } })" +
            ".observe(document, { childList: true, subtree: true });");
        await studio.GoToAsync("/");

        Assert.Equal("dark", await studio.Page.EvaluateAsync<string>("window.themeAtBody"));
        studio.AssertQuiet();
    }

    [Fact]
    public async Task Navigation_AtPhoneWidth_OpensOverThePageAndCloses()
    {
        await using var studio = await browser.OpenAsync(390);
        await studio.GoToAsync("/");
        var link = studio.Page.GetByRole(AriaRole.Link, new() { Name = "Datasets", Exact = true });
        await Assertions.Expect(link).Not.ToBeInViewportAsync();

        await studio.Page.GetByRole(AriaRole.Button, new() { Name = "Navigation" }).ClickAsync();
        await Assertions.Expect(link).ToBeInViewportAsync();
        await studio.ScreenshotAsync("navigation-390", fullPage: false);

        await studio.Page.Locator(".mud-drawer-overlay").ClickAsync(new() { Position = new() { X = 350, Y = 400 } });
        await Assertions.Expect(link).Not.ToBeInViewportAsync();

        studio.AssertQuiet();
        await studio.Page.GetByRole(AriaRole.Button, new() { Name = "Navigation" }).ClickAsync();
        await link.ClickAsync();
        await Assertions.Expect(studio.Page).ToHaveURLAsync(new Regex("/datasets$"));
        await Assertions.Expect(link).Not.ToBeInViewportAsync();
    }

    [Fact]
    public async Task MissingPage_InTheBrowser_ShowsAProperPage()
    {
        await using var studio = await browser.OpenAsync();

        var response = await studio.Page.GotoAsync("/no-such-page");

        Assert.Equal(404, response!.Status);
        await Assertions.Expect(studio.Page.GetByRole(AriaRole.Heading, new() { Name = "Page not found" })).ToBeVisibleAsync();
        await studio.ScreenshotAsync("not-found-1280");
    }

    [Fact]
    public async Task ConnectionLost_ServerStops_TheDialogShows()
    {
        browser.RequireBrowser();
        var server = await RunningStudio.StartAsync();
        await using var studio = await browser.OpenAsync();
        await studio.GoToAsync(server.Address.ToString());

        await server.DisposeAsync();

        await Assertions.Expect(studio.Page.GetByRole(AriaRole.Dialog, new() { Name = "Connection lost" })).ToBeVisibleAsync();
        await studio.ScreenshotAsync("connection-lost-1280", fullPage: false);
    }
}
