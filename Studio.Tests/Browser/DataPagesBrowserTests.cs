using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Tests.Web;

namespace Studio.Tests.Browser;

[Collection(BrowserSuite.Name)]
public sealed class DataPagesBrowserTests(BrowserFixture browser)
{
    private const string Good = """{"messages":[{"role":"user","content":"Where is the treasure?"},{"role":"assistant","content":"Arr, below the old oak!"}]}""";

    [Fact]
    public async Task Upload_TwoBrokenLines_AreNamedAndTheRestIsStoredAndShown()
    {
        browser.RequireBrowser();
        await using var server = await RunningStudio.StartAsync();
        await using var studio = await browser.OpenAsync(height: 900);
        var page = studio.Page;
        await studio.GoToAsync(server.Address + "datasets");

        await ChooseAsync(page, "treasure.jsonl", $"{Good}\n{{\"messages\":\n{Good}\n{{\"messages\":[{{\"role\":\"pirate\",\"content\":\"Arr\"}}]}}\n{Good}\n");
        await page.GetByTestId("dataset-name").FillAsync("Treasure");
        await page.GetByTestId("dataset-import").ClickAsync();

        await Assertions.Expect(page.GetByTestId("dataset-added")).ToContainTextAsync("Treasure was added: 3 rows; 2 lines were left out.");
        await Assertions.Expect(page.GetByTestId("dataset-error-line").Nth(0)).ToContainTextAsync(new Regex("Line 2.*not valid JSON.*wanted one JSON object"));
        await Assertions.Expect(page.GetByTestId("dataset-error-line").Nth(1)).ToContainTextAsync(new Regex("Line 4.*found the role \"pirate\", wanted system, user"));
        await studio.ScreenshotAsync("datasets-uploaded-1280");
        var stored = (await server.Services.GetRequiredService<IDatasetService>().ListAsync(TestContext.Current.CancellationToken)).Single(dataset => dataset.Name == "Treasure");
        Assert.Equal((3, 2), (stored.Rows, stored.BadRows));

        await page.GetByTestId("dataset-added-link").ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex($"/datasets/{stored.Id}$"));
        var trained = page.Locator("[data-testid=preview-token][data-trained=true]");
        await Assertions.Expect(trained.First).ToBeVisibleAsync();
        Assert.StartsWith("Arr, below the old oak!", string.Concat(await trained.AllTextContentsAsync()), StringComparison.Ordinal);
        await Assertions.Expect(page.GetByTestId("dataset-refused").GetByTestId("dataset-error-line")).ToHaveCountAsync(2);
        await page.GetByTestId("preview-next").ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("row=2$"));
        await page.GetByTestId("preview-length").FillAsync("12");
        await page.GetByTestId("preview-length").PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("row=2&length=12$"));
        await Assertions.Expect(page.Locator("[data-testid=preview-tokens] .studio-token-cut").First).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Assertions.Expect(page.GetByTestId("preview-row")).ToHaveValueAsync("2");
        await Assertions.Expect(page.GetByTestId("preview-length")).ToHaveValueAsync("12");
        await studio.ScreenshotAsync("dataset-cut-1280");

        await page.GetByTestId("dataset-fine-tune").ClickAsync();
        await Assertions.Expect(page.Locator($"[data-testid=choose-dataset][data-dataset='{stored.Id}']")).ToBeCheckedAsync();
        studio.AssertQuiet();
    }

    [Fact]
    public async Task Upload_WhatCannotBeUsed_IsRefusedWithTheReasonAndNothingIsStored()
    {
        browser.RequireBrowser();
        await using var server = await RunningStudio.StartAsync();
        await using var studio = await browser.OpenAsync(height: 900);
        var page = studio.Page;
        var datasets = server.Services.GetRequiredService<IDatasetService>();
        var before = (await datasets.ListAsync(TestContext.Current.CancellationToken)).Count;
        await studio.GoToAsync(server.Address + "datasets");
        var failure = page.GetByTestId("dataset-failure");

        await ChooseAsync(page, "empty.jsonl", "");
        await Assertions.Expect(failure).ToContainTextAsync("'empty.jsonl' is empty");

        await ImportAsync(page, "photo.jsonl", "\u0089PNG\u0000\u0000\u0001");
        await Assertions.Expect(failure).ToContainTextAsync("this is a binary file");

        await ImportAsync(page, "huge.jsonl", "{\"text\": \"" + new string('x', 9 << 20));
        await Assertions.Expect(failure.GetByTestId("dataset-error-line")).ToContainTextAsync(new Regex("Line 1.*the line is longer than 8388608 bytes"));

        await ImportAsync(page, "table.csv", "name,age\nann,3\n");
        await Assertions.Expect(failure).ToContainTextAsync("No usable row in 2 lines.");
        await Assertions.Expect(failure.GetByTestId("dataset-error-line")).ToHaveCountAsync(2);
        await studio.ScreenshotAsync("datasets-refused-1280");

        Assert.Equal(before, (await datasets.ListAsync(TestContext.Current.CancellationToken)).Count);
        studio.AssertQuiet();
    }

    [Fact]
    public async Task Delete_WhileARunUsesIt_IsRefusedWithTheReason()
    {
        browser.RequireBrowser();
        await using var server = await RunningStudio.StartAsync();
        await using var studio = await browser.OpenAsync(height: 900);
        var page = studio.Page;
        var datasetId = await StartRunAsync(server.Services);
        await studio.GoToAsync(server.Address + "datasets/" + datasetId);

        await page.GetByTestId("dataset-delete").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("which has not ended. Stop the run first.");
        await Assertions.Expect(page.GetByTestId("dataset-facts")).ToBeVisibleAsync();
        studio.AssertQuiet();
    }

    [Fact]
    public async Task Detail_UnknownId_Answers404WithAPageThatSaysSo()
    {
        await using var studio = await browser.OpenAsync();

        var response = await studio.Page.GotoAsync("/datasets/0000000000000000");

        Assert.Equal(404, response!.Status);
        await Assertions.Expect(studio.Page.GetByRole(AriaRole.Heading, new() { Name = "Dataset not found" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Monitor_WhileARunTrains_CountsAndDrawsOn()
    {
        browser.RequireBrowser();
        await using var server = await RunningStudio.StartAsync();
        await using var studio = await browser.OpenAsync(height: 900);
        var page = studio.Page;
        await studio.GoToAsync(server.Address + "monitor");
        await Assertions.Expect(page.GetByTestId("monitor-no-clients")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByTestId("monitor-memory-row")).ToHaveCountAsync(1);

        await StartRunAsync(server.Services);

        await Assertions.Expect(page.GetByTestId("monitor-client")).ToHaveCountAsync(1);
        await Assertions.Expect(page.GetByTestId("executor-client").Filter(new() { HasText = "In a pass" })).ToHaveCountAsync(1);
        await Assertions.Expect(page.GetByTestId("monitor-memory-row").Filter(new() { HasText = "Fine-tune" })).ToHaveCountAsync(1);
        await Assertions.Expect(page.GetByTestId("monitor-event").First).ToBeVisibleAsync();
        var calls = await page.GetByTestId("executor-calls").TextContentAsync();
        await Assertions.Expect(page.GetByTestId("executor-calls")).Not.ToHaveTextAsync(calls!);
        await Assertions.Expect(page.GetByTestId("monitor-chart").Locator(".scatterlayer .js-line")).ToHaveCountAsync(10);
        // Drawn on, not drawn anew: the element of the chart stays the same while points come.
        await page.EvaluateAsync("window.plot = document.querySelector('[data-testid=monitor-chart] .js-plotly-plot'); window.seen = window.plot.data[0].x.length");
        await page.WaitForFunctionAsync("() => document.querySelector('[data-testid=monitor-chart] .js-plotly-plot') === window.plot && window.plot.data[0].x.length > window.seen + 1");
        studio.AssertQuiet();
    }

    [Theory]
    [MemberData(nameof(FineTunePagesBrowserTests.Windows), MemberType = typeof(FineTunePagesBrowserTests))]
    public async Task EveryPage_WhileARunTrains_FitsAndConsoleIsEmpty(int width, ColorScheme scheme)
    {
        browser.RequireBrowser();
        await using var server = await RunningStudio.StartAsync();
        await using var studio = await browser.OpenAsync(width, height: 900, scheme);
        var look = $"{width}-{scheme}".ToLowerInvariant();
        var root = server.Address.ToString().TrimEnd('/');
        var datasetId = await StartRunAsync(server.Services);

        await VisitAsync("datasets", "/datasets", "[data-testid=datasets-table]");
        await studio.Page.GetByTestId("dataset-formats").Locator("summary").ClickAsync();
        await studio.AssertNoSidewaysScrollAsync();
        await studio.ScreenshotAsync($"datasets-formats-{look}");
        await VisitAsync("dataset", $"/datasets/{datasetId}?row=3", "[data-testid=preview-token][data-trained=true]");
        await VisitAsync("monitor", "/monitor", "[data-testid=monitor-event]", "[data-testid=monitor-chart] .scatterlayer .js-line");
        studio.AssertQuiet();

        async Task VisitAsync(string name, string path, params string[] wanted)
        {
            await studio.GoToAsync(root + path);
            foreach (var selector in wanted)
                await studio.Page.Locator(selector).First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
            await studio.AssertNoSidewaysScrollAsync();
            await studio.ScreenshotAsync($"{name}-{look}");
        }
    }

    private static async Task ImportAsync(IPage page, string name, string content)
    {
        await ChooseAsync(page, name, content);
        await page.GetByTestId("dataset-import").ClickAsync();
    }

    private static async Task ChooseAsync(IPage page, string name, string content) =>
        await page.GetByTestId("dataset-file").SetInputFilesAsync(new FilePayload { Name = name, MimeType = "application/x-ndjson", Buffer = System.Text.Encoding.UTF8.GetBytes(content) });

    private static async Task<string> StartRunAsync(IServiceProvider services)
    {
        var dataset = (await services.GetRequiredService<IDatasetService>().ListAsync())[0];
        await services.GetRequiredService<IRunService>().StartAsync(new RunRequest
        {
            ModelId = services.GetRequiredService<IModelService>().Loaded[0].Record.Id,
            DatasetId = dataset.Id,
            Adapter = new LoraSpec { Rank = 4 },
            Training = new() { BatchSize = 2, MaxLength = 96, EvalEverySteps = 10 },
        });
        return dataset.Id;
    }
}
