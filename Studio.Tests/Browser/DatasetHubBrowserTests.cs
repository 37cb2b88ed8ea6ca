using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Studio.Core.Hub;
using Studio.Core.Serving;
using Studio.Tests.Hub;
using Studio.Tests.Web;

namespace Studio.Tests.Browser;

/// <summary>Data sets by id, in a browser, from a server on loopback that behaves like the Hub.</summary>
[Collection(BrowserSuite.Name)]
public sealed class DatasetHubBrowserTests(BrowserFixture browser)
{
    private const string Row = """{"messages":[{"role":"user","content":"Where is the treasure?"},{"role":"assistant","content":"Arr, below the old oak!"}]}""";
    private const string Repository = "datasets/tests/rows";

    [Fact]
    public async Task Download_ById_ShowsProgressGoesOnAfterAReloadAndBecomesADataset()
    {
        browser.RequireBrowser();
        await using var hub = await HubAsync();
        var release = new TaskCompletionSource();
        hub.Hold(Repository + "/small/test.jsonl", 200_000, new TaskCompletionSource(), release.Task);
        await using var server = await StartAsync(hub);
        await using var studio = await browser.OpenAsync(height: 900);
        var page = studio.Page;
        await studio.GoToAsync(server.Address + "datasets");

        await page.GetByTestId("dataset-hub-id").FillAsync("tests/rows");
        await page.GetByTestId("dataset-hub-config").FillAsync("small");
        await page.GetByTestId("dataset-hub-split").FillAsync("test");
        await page.GetByTestId("dataset-hub-start").ClickAsync();
        await Assertions.Expect(page.Locator("[data-testid=downloads] [role=progressbar]")).Not.ToHaveAttributeAsync("aria-valuenow", "0");
        await page.ReloadAsync();
        await Assertions.Expect(page.GetByTestId("downloads")).ToContainTextAsync("tests/rows · small · test");
        await studio.ScreenshotAsync("datasets-downloading-1280");
        release.SetResult();
        await page.GetByTestId("download-open").ClickAsync();
        await page.WaitForURLAsync(new Regex("/datasets/[0-9a-z]+$"));
        await Assertions.Expect(page.GetByTestId("dataset-facts")).ToContainTextAsync("4,000");
        studio.AssertQuiet();
    }

    [Fact]
    public async Task Download_WhatTheHubRefuses_SaysWhyAndCanBeResumedOrCancelled()
    {
        browser.RequireBrowser();
        await using var hub = await HubAsync();
        hub.WantedToken = "hf_right";
        await using var server = await StartAsync(hub);
        await using var studio = await browser.OpenAsync(height: 900);
        var page = studio.Page;
        await studio.GoToAsync(server.Address + "datasets");

        await AskAsync("tests/rows", "Give a token (or set HF_TOKEN), or check the id.");
        await page.GetByTestId("download-token").FillAsync("hf_wrong");
        await page.GetByTestId("download-resume").ClickAsync();
        await Assertions.Expect(page.GetByTestId("download-error")).ToContainTextAsync("refuses the token");
        await page.GetByTestId("download-token").FillAsync("hf_right");
        await page.GetByTestId("download-resume").ClickAsync();
        await Assertions.Expect(page.GetByTestId("download-open")).ToBeVisibleAsync();
        await page.GetByTestId("download-cancel").ClickAsync();
        await Assertions.Expect(page.GetByTestId("downloads")).ToHaveCountAsync(0);

        hub.WantedToken = null;
        await AskAsync("tests/nobody", "The Hub has nothing at 'tests/nobody' in revision 'main'.");
        await studio.ScreenshotAsync("datasets-refused-1280");
        await page.GetByTestId("download-cancel").ClickAsync();
        await Assertions.Expect(page.GetByTestId("downloads")).ToHaveCountAsync(0);
        for (int i = 0; i < 20; i++) hub.Status("api/tests/rows", 429);
        await AskAsync("tests/rows", "The Hub asks for fewer requests (429).");
        studio.AssertQuiet();

        async Task AskAsync(string id, string refusal)
        {
            await page.GetByTestId("dataset-hub-id").FillAsync(id);
            await page.GetByTestId("dataset-hub-start").ClickAsync();
            await Assertions.Expect(page.GetByTestId("download-error")).ToContainTextAsync(refusal);
        }
    }

    [Theory]
    [MemberData(nameof(FineTunePagesBrowserTests.Windows), MemberType = typeof(FineTunePagesBrowserTests))]
    public async Task Page_WithDownloads_FitsAndConsoleIsEmpty(int width, ColorScheme scheme)
    {
        browser.RequireBrowser();
        await using var hub = await HubAsync();
        hub.Hold(Repository + "/small/test.jsonl", 200_000, new TaskCompletionSource(), Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken));
        await using var server = await StartAsync(hub);
        var downloads = server.Services.GetRequiredService<IDownloadService>();
        foreach (var (id, config, split) in new[] { ("tests/rows", "small", "validation"), ("tests/rows", "small", "test") })
            await downloads.StartAsync(new DownloadRequest { Kind = "dataset", HubId = id, Subset = config, Split = split }, TestContext.Current.CancellationToken);
        await using var studio = await browser.OpenAsync(width, height: 900, scheme);

        await studio.GoToAsync(server.Address + "datasets");
        await Assertions.Expect(studio.Page.GetByTestId("download-error")).ToContainTextAsync("it has no split 'validation'");
        await Assertions.Expect(studio.Page.GetByTestId("downloads")).ToContainTextAsync("small/test.jsonl");
        await studio.AssertNoSidewaysScrollAsync();
        await studio.ScreenshotAsync($"datasets-hub-{width}-{scheme}".ToLowerInvariant());
        studio.AssertQuiet();
    }

    private static async Task<TestHub> HubAsync()
    {
        var hub = await TestHub.StartAsync();
        hub.Put(Repository, "small/train.jsonl", Row + "\n");
        hub.Put(Repository, "small/test.jsonl", string.Concat(Enumerable.Repeat(Row + "\n", 4_000)));
        hub.Put(Repository, "load.py", "import os");
        return hub;
    }

    private static Task<RunningStudio> StartAsync(TestHub hub) => RunningStudio.StartAsync(services =>
        services.Configure<StudioEngineOptions>(options => options.Hub = new HubOptions { Endpoint = hub.Address, FirstPause = TimeSpan.FromMilliseconds(1) }));
}
