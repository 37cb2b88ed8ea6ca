using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Tests.Web;

namespace Studio.Tests.Browser;

[Collection(BrowserSuite.Name)]
public sealed class FineTunePagesBrowserTests(BrowserFixture browser)
{
    public static TheoryData<int, ColorScheme> Windows { get; } = new()
    {
        { 1280, ColorScheme.Light }, { 1280, ColorScheme.Dark }, { 390, ColorScheme.Light }, { 390, ColorScheme.Dark },
    };

    [Theory]
    [MemberData(nameof(Windows))]
    public async Task EveryPage_WhileTwoRunsTrain_FitsAndConsoleIsEmpty(int width, ColorScheme scheme)
    {
        browser.RequireBrowser();
        await using var server = await RunningStudio.StartAsync();
        await using var studio = await browser.OpenAsync(width, height: 900, scheme);
        var look = $"{width}-{scheme}".ToLowerInvariant();
        var root = server.Address.ToString().TrimEnd('/');

        await VisitAsync("home-empty", "/");
        await VisitAsync("runs-empty", "/runs");
        await VisitAsync("compare-empty", "/compare");
        var ids = await StartTwoRunsAsync(server.Services);
        await VisitAsync("run-new", $"/runs/new?dataset={(await server.Services.GetRequiredService<IDatasetService>().ListAsync())[0].Id}");
        await VisitAsync("run-detail", $"/runs/{ids[0]}", "[data-testid=chart-gradient-norm] .scatterlayer .js-line");
        await VisitAsync("compare", $"/compare?runs={ids[0]},{ids[1]}&x=tokens&smooth=0.8&series=loss", ".scatterlayer .js-line");
        await VisitAsync("runs", "/runs", "[data-testid=run-row] polyline");
        await VisitAsync("home", "/", "[data-testid=active-run]");
        studio.AssertQuiet();

        async Task VisitAsync(string name, string path, string? wanted = null)
        {
            await studio.GoToAsync(root + path);
            if (wanted is not null)
                await studio.Page.Locator(wanted).First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
            await studio.AssertNoSidewaysScrollAsync();
            await studio.ScreenshotAsync($"{name}-{look}");
        }
    }

    [Fact]
    public async Task RunDetail_UnknownId_Answers404WithAPageThatSaysSo()
    {
        await using var studio = await browser.OpenAsync();

        var response = await studio.Page.GotoAsync("/runs/0000000000000000");

        Assert.Equal(404, response!.Status);
        await Assertions.Expect(studio.Page.GetByRole(AriaRole.Heading, new() { Name = "Run not found" })).ToBeVisibleAsync();
        await studio.ScreenshotAsync("run-missing-1280");
    }

    private static async Task<IReadOnlyList<string>> StartTwoRunsAsync(IServiceProvider services)
    {
        var (runs, model) = (services.GetRequiredService<IRunService>(), services.GetRequiredService<IModelService>().Loaded[0].Record.Id);
        var ids = new List<string>();
        foreach (var (dataset, rank) in (await services.GetRequiredService<IDatasetService>().ListAsync()).Take(2).Zip([4, 8]))
        {
            var started = await runs.StartAsync(new RunRequest
            {
                ModelId = model,
                DatasetId = dataset.Id,
                Adapter = new LoraSpec { Rank = rank },
                Training = new() { BatchSize = 2, MaxLength = 96, EvalEverySteps = 10 },
            });
            ids.Add(started.Record.Id);
        }
        return ids;
    }
}
