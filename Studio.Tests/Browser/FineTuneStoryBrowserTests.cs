using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Studio.Core.Runs;
using Studio.Core.Storage;
using Studio.Tests.Web;

namespace Studio.Tests.Browser;

[Collection(BrowserSuite.Name)]
public sealed class FineTuneStoryBrowserTests(BrowserFixture browser)
{
    [Fact]
    public async Task FirstVisit_OneClick_TwoCurvesMoveAndAReloadShowsTheSame()
    {
        browser.RequireBrowser();
        await using var server = await RunningStudio.StartAsync();
        await using var studio = await browser.OpenAsync(height: 900);
        var page = studio.Page;
        await studio.GoToAsync(server.Address.ToString());

        await page.GetByTestId("start-samples").ClickAsync();
        await Assertions.Expect(page.GetByTestId("active-run")).ToHaveCountAsync(2);
        await page.GetByRole(AriaRole.Link, new() { Name = "Compare them" }).ClickAsync();
        await Assertions.Expect(page.Locator(".scatterlayer .js-line")).ToHaveCountAsync(4);
        await ExpectGrowthAsync(page, 0);
        await ExpectGrowthAsync(page, 1);

        await page.GetByTestId("compare-smooth").FillAsync("0.9");
        await page.GetByTestId("x-epoch").ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("x=epoch&smooth=0.9&series=loss$"));
        await Assertions.Expect(page.Locator(".xtitle")).ToHaveTextAsync("Epoch");
        await studio.ScreenshotAsync("story-compare-1280");

        // A page only views: gone and back, everything is as it was, and further on.
        var before = await PointsAsync(page, 0);
        var address = page.Url;
        await page.GotoAsync("about:blank");
        await studio.GoToAsync(address);
        await Assertions.Expect(page.GetByTestId("smooth-value")).ToHaveTextAsync("0.90");
        await Assertions.Expect(page.Locator(".xtitle")).ToHaveTextAsync("Epoch");
        await page.WaitForFunctionAsync("least => document.querySelector('.js-plotly-plot').data.filter(t => t.opacity === 1)[0].x.length >= least", before);

        await page.GetByTestId("compare-table").GetByRole(AriaRole.Link).First.ClickAsync();
        await Assertions.Expect(page.GetByTestId("chart-gradient-norm").Locator(".scatterlayer .js-line")).ToHaveCountAsync(1);
        await Assertions.Expect(page.GetByTestId("run-steps")).Not.ToHaveTextAsync((await page.GetByTestId("run-steps").TextContentAsync())!);
        await Assertions.Expect(page.GetByTestId("run-log")).ToContainTextAsync("samples to train on");
        await studio.ScreenshotAsync("story-run-1280");

        await page.GetByTestId("run-pause").ClickAsync();
        await page.GetByTestId("run-resume").ClickAsync();
        await page.GetByTestId("run-stop").ClickAsync();
        await studio.ScreenshotAsync("story-stop-dialog-1280", fullPage: false);
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await Assertions.Expect(page.GetByTestId("run-delete")).ToBeVisibleAsync();
        await page.GetByTestId("run-delete").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This run was deleted" })).ToBeVisibleAsync();

        Assert.Single(server.Services.GetRequiredService<IRunService>().Runs);
        studio.AssertQuiet();
    }

    [Fact]
    public async Task Charts_WindowResized_FillTheirFrames()
    {
        browser.RequireBrowser();
        await using var server = await RunningStudio.StartAsync();
        await using var studio = await browser.OpenAsync(height: 900);
        var page = studio.Page;
        await studio.GoToAsync(server.Address.ToString());
        await page.GetByTestId("start-samples").ClickAsync();
        await page.GetByTestId("active-run").First.GetByRole(AriaRole.Link).ClickAsync();
        await Assertions.Expect(page.GetByTestId("chart-loss").Locator(".scatterlayer .js-line").First).ToBeAttachedAsync();

        foreach (var width in new[] { 700, 390, 1280 })
        {
            await page.SetViewportSizeAsync(width, 800);
            await page.WaitForFunctionAsync("""
                () => [...document.querySelectorAll('.studio-chart')].every(frame => {
                    const svg = frame.querySelector('.main-svg')?.getBoundingClientRect();
                    const box = frame.getBoundingClientRect();
                    // A scroll bar that comes or goes may leave its width.
                    return svg && Math.abs(svg.height - box.height) < 1 && svg.width < box.width + 1 && svg.width > box.width - 24;
                })
                """);
        }
        studio.AssertQuiet();
    }

    [Fact]
    public async Task Charts_PageLeftWhileTheirLibraryLoads_DrawOnTheNextPage()
    {
        browser.RequireBrowser();
        await using var server = await RunningStudio.StartAsync();
        await using var studio = await browser.OpenAsync(height: 900);
        var page = studio.Page;
        var released = new TaskCompletionSource();
        var asked = new TaskCompletionSource();
        await page.RouteAsync("**/plotly-basic-*", async route =>
        {
            asked.TrySetResult();
            await released.Task;
            await route.ContinueAsync();
        });
        await studio.GoToAsync(server.Address.ToString());
        await page.GetByTestId("start-samples").ClickAsync();
        await page.GetByTestId("active-run").First.GetByRole(AriaRole.Link).ClickAsync();
        await asked.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await page.GetByRole(AriaRole.Link, new() { Name = "Compare", Exact = true }).First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Compare the latest 2" }).ClickAsync();
        await Assertions.Expect(page.GetByTestId("compare-smooth")).ToBeVisibleAsync();

        released.SetResult();

        await Assertions.Expect(page.Locator(".scatterlayer .js-line").First).ToBeAttachedAsync(new() { Timeout = 60_000 });
        Assert.Equal(1, await page.EvaluateAsync<int>("document.querySelectorAll('script[src*=plotly]').length"));
        studio.AssertQuiet();
    }

    [Fact]
    public async Task Form_WrongAndRightValues_SaysWhatIsWrongAndStartsSeveral()
    {
        browser.RequireBrowser();
        await using var server = await RunningStudio.StartAsync();
        await using var studio = await browser.OpenAsync(height: 900);
        var page = studio.Page;
        await studio.GoToAsync(server.Address + "runs/new");
        var start = page.GetByTestId("start-runs");
        await Assertions.Expect(start).ToBeDisabledAsync();

        await page.GetByTestId("choose-dataset").Nth(0).CheckAsync();
        await page.GetByTestId("choose-dataset").Nth(1).CheckAsync();
        await page.GetByTestId("run-adapter-rank").FillAsync("0");
        await Assertions.Expect(page.GetByTestId("run-adapter-rank-finding")).ToHaveTextAsync("Rank is 0; expected 1 to 4096.");
        await page.GetByTestId("run-max-length").FillAsync("5000");
        await Assertions.Expect(page.GetByTestId("run-max-length-finding")).ToContainTextAsync("reads at most 512");
        await page.GetByTestId("run-learning-rate").FillAsync("fast");
        await Assertions.Expect(page.GetByTestId("run-learning-rate-finding")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByTestId("run-adapter-rank-finding")).ToBeVisibleAsync();
        await Assertions.Expect(start).ToBeDisabledAsync();
        await page.GetByTestId("run-adapter-targets").SelectOptionAsync(new SelectOptionValue { Label = "Choose modules" });
        await studio.ScreenshotAsync("story-form-findings-1280");

        await page.GetByTestId("preset-quick").ClickAsync();
        await Assertions.Expect(page.GetByTestId("forecast-runs").Locator("li")).ToHaveCountAsync(2);
        await page.GetByTestId("run-name").FillAsync("Try");
        await start.ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/compare\\?runs="));

        var runs = server.Services.GetRequiredService<IRunService>().Runs;
        Assert.Equal(2, runs.Count);
        Assert.All(runs, run => Assert.StartsWith("Try · ", run.Record.Name, StringComparison.Ordinal));
        Assert.All(runs, run => Assert.NotEqual(RunState.Failed, run.Record.State));
        studio.AssertQuiet();
    }

    private static async Task ExpectGrowthAsync(IPage page, int line)
    {
        var seen = await PointsAsync(page, line);
        await page.WaitForFunctionAsync(
            "([line, seen]) => document.querySelector('.js-plotly-plot').data.filter(t => t.opacity === 1)[line].x.length > seen", new[] { line, seen });
    }

    private static Task<int> PointsAsync(IPage page, int line) =>
        page.EvaluateAsync<int>("line => document.querySelector('.js-plotly-plot').data.filter(t => t.opacity === 1)[line].x.length", line);
}
