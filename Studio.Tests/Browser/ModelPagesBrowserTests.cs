using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Studio.Core.Hub;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Tests.Hub;
using Studio.Tests.Web;

namespace Studio.Tests.Browser;

[Collection(BrowserSuite.Name)]
public sealed class ModelPagesBrowserTests(BrowserFixture browser)
{
    private const string Weights = "tests/starter/model.safetensors";

    [Fact]
    public async Task Download_ById_ShowsProgressGoesOnAfterAReloadAndBecomesAModel()
    {
        browser.RequireBrowser();
        await using var hub = await TestHub.WithStarterAsync();
        var release = new TaskCompletionSource();
        hub.Hold(Weights, 3_000_000, new TaskCompletionSource(), release.Task);
        await using var server = await StartAsync(hub);
        await using var studio = await browser.OpenAsync(height: 900);
        var page = studio.Page;
        await studio.GoToAsync(server.Address + "models");

        await page.GetByTestId("hub-id").FillAsync("tests/starter");
        await page.GetByTestId("download-start").ClickAsync();
        await Assertions.Expect(page.Locator("[data-testid=downloads] [role=progressbar]")).Not.ToHaveAttributeAsync("aria-valuenow", "0");
        await page.ReloadAsync();
        await Assertions.Expect(page.GetByTestId("downloads")).ToContainTextAsync("model.safetensors");
        await studio.ScreenshotAsync("models-downloading-1280");
        release.SetResult();
        await page.GetByTestId("download-open").ClickAsync();
        await Assertions.Expect(page.GetByTestId("model-architecture")).ToContainTextAsync("llama");
        await Assertions.Expect(page.GetByTestId("model-unload")).ToBeEnabledAsync();
        await page.GetByTestId("model-template").Locator("summary").ClickAsync();
        await studio.ScreenshotAsync("model-template-1280");
        studio.AssertQuiet();
    }

    [Theory]
    [MemberData(nameof(FineTunePagesBrowserTests.Windows), MemberType = typeof(FineTunePagesBrowserTests))]
    public async Task EveryPage_FitsAndConsoleIsEmpty(int width, ColorScheme scheme)
    {
        browser.RequireBrowser();
        await using var hub = await TestHub.WithStarterAsync();
        hub.Hold(Weights, 3_000_000, new TaskCompletionSource(), Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken));
        hub.Put("tests/pickled", "config.json", "{}");
        hub.Put("tests/pickled", "pytorch_model.bin", "x");
        await using var server = await StartAsync(hub);
        var downloads = server.Services.GetRequiredService<IDownloadService>();
        await downloads.StartAsync(new DownloadRequest { Kind = DownloadKind.Model, HubId = "tests/pickled" }, TestContext.Current.CancellationToken);
        await downloads.StartAsync(new DownloadRequest { Kind = DownloadKind.Model, HubId = "tests/starter" }, TestContext.Current.CancellationToken);
        await using var studio = await browser.OpenAsync(width, height: 900, scheme);
        var look = $"{width}-{scheme}".ToLowerInvariant();

        await studio.GoToAsync(server.Address + "models");
        await Assertions.Expect(studio.Page.GetByTestId("download-error")).ToContainTextAsync("only pickle weights (pytorch_model.bin)");
        await Assertions.Expect(studio.Page.GetByTestId("downloads")).ToContainTextAsync("model.safetensors");
        await studio.AssertNoSidewaysScrollAsync();
        await studio.ScreenshotAsync($"models-{look}");
        await studio.GoToAsync($"{server.Address}models/{server.Services.GetRequiredService<IModelService>().Loaded[0].Record.Id}");
        await Assertions.Expect(studio.Page.GetByTestId("model-architecture")).ToBeVisibleAsync();
        await studio.AssertNoSidewaysScrollAsync();
        await studio.ScreenshotAsync($"model-{look}");
        studio.AssertQuiet();
    }

    private static Task<RunningStudio> StartAsync(TestHub hub) => RunningStudio.StartAsync(services =>
        services.Configure<StudioEngineOptions>(options => options.Hub = new HubOptions { Endpoint = hub.Address }));
}
