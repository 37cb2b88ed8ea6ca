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
public sealed class PlaygroundBrowserTests(BrowserFixture browser)
{
    // A machine that is busy with other things writes a token a second.
    private const float AnswerMilliseconds = 60_000;

    [Fact]
    public async Task TwoPanes_OnePrompt_BothAnswerAndAReloadShowsTheSame()
    {
        browser.RequireBrowser();
        await using var server = await RunningStudio.StartAsync();
        var adapter = await CreateAsync(server, "Untrained");
        await using var studio = await browser.OpenAsync();
        var page = studio.Page;
        await studio.GoToAsync($"{server.Address}playground?adapters=base,{adapter}");
        await page.GetByTestId("playground-settings-toggle").ClickAsync();
        await page.GetByTestId("playground-decoding").SelectOptionAsync(new SelectOptionValue { Label = "Greedy" });
        await page.GetByTestId("playground-max-tokens").FillAsync("24");
        await page.GetByTestId("playground-settings-toggle").ClickAsync();

        await page.GetByTestId("playground-prompt").FillAsync("Hello");
        await page.GetByTestId("playground-prompt").PressAsync("Shift+Enter");
        await page.Keyboard.TypeAsync("Who are you?");
        await Assertions.Expect(page.GetByTestId("playground-turn")).ToHaveCountAsync(0);
        await page.GetByTestId("playground-prompt").PressAsync("Enter");

        await Assertions.Expect(page.GetByTestId("playground-pane-1-figures")).ToContainTextAsync("tokens/s", new() { Timeout = AnswerMilliseconds });
        await Assertions.Expect(page.GetByTestId("playground-pane-2-figures")).ToContainTextAsync("tokens/s", new() { Timeout = AnswerMilliseconds });
        await Assertions.Expect(page.GetByTestId("playground-send")).ToBeVisibleAsync(new() { Timeout = AnswerMilliseconds });
        await Assertions.Expect(page.GetByTestId("playground-prompt")).ToHaveValueAsync("");
        await Assertions.Expect(page.Locator(".studio-turn-prompt").First).ToHaveTextAsync("Hello\nWho are you?");
        var answer = (await page.GetByTestId("playground-pane-1-answer").TextContentAsync())!;
        Assert.NotEqual("", answer);
        // An untrained adapter changes nothing.
        await Assertions.Expect(page.GetByTestId("playground-pane-2-answer")).ToHaveTextAsync(answer);
        await studio.ScreenshotAsync("playground-two-panes-1280");

        await page.GetByTestId("add-pane").ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex($"adapters=base,{adapter},base$"));
        await page.GetByTestId("playground-pane-3-remove").ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex($"adapters=base,{adapter}$"));
        // What the tab keeps is written a moment after the last change; before that it holds the half answer.
        await page.WaitForFunctionAsync("""
            answer => {
                const panes = JSON.parse(sessionStorage.getItem('studio-playground') ?? '{}').Panes ?? [];
                return panes.length === 2 && panes.every(pane => pane.Turns[0]?.Answer === answer);
            }
            """, answer);
        await studio.GoToAsync(page.Url);

        await Assertions.Expect(page.GetByTestId("playground-pane-2-choice")).ToHaveValueAsync(adapter);
        await Assertions.Expect(page.GetByTestId("playground-pane-2-answer")).ToHaveTextAsync(answer);
        await Assertions.Expect(page.GetByTestId("playground-summary")).ToHaveTextAsync("greedy · at most 24 tokens");
        studio.AssertQuiet();
    }

    [Fact]
    public async Task AdapterInTraining_AnswersAndIsMarked_AndStopEnds()
    {
        browser.RequireBrowser();
        await using var server = await RunningStudio.StartAsync();
        var (runs, datasets) = (server.Services.GetRequiredService<IRunService>(), await server.Services.GetRequiredService<IDatasetService>().ListAsync());
        var run = await runs.StartAsync(new RunRequest
        {
            ModelId = server.Services.GetRequiredService<IModelService>().Loaded[0].Record.Id,
            DatasetId = datasets[0].Id,
            Adapter = new LoraSpec { Rank = 4 },
            Training = new() { BatchSize = 2, MaxLength = 96, Epochs = 50 },
        });
        await using var studio = await browser.OpenAsync(390, scheme: ColorScheme.Dark);
        var page = studio.Page;
        await studio.GoToAsync($"{server.Address}runs/{run.Record.Id}");
        await page.GetByTestId("chat-link").ClickAsync();

        await Assertions.Expect(page.GetByTestId("playground-pane-2").GetByTestId("training-chip")).ToContainTextAsync(new Regex("Training, step [1-9]"), new() { Timeout = AnswerMilliseconds });
        await page.GetByTestId("playground-prompt").FillAsync("Tell me a story.");
        await page.GetByTestId("playground-send").ClickAsync();
        await Assertions.Expect(page.GetByTestId("playground-pane-2-figures")).ToContainTextAsync("token", new() { Timeout = AnswerMilliseconds });
        await studio.AssertNoSidewaysScrollAsync();
        await studio.ScreenshotAsync("playground-training-390-dark");
        await Assertions.Expect(page.GetByTestId("playground-send")).ToBeVisibleAsync(new() { Timeout = AnswerMilliseconds });

        await page.GetByTestId("playground-clear").ClickAsync();
        await Assertions.Expect(page.GetByTestId("playground-turn")).ToHaveCountAsync(0);
        await page.GetByTestId("playground-pane-2").GetByRole(AriaRole.Link, new() { Name = "Details" }).ClickAsync();
        await Assertions.Expect(page.GetByTestId("adapter-in-training")).ToBeVisibleAsync();
        await page.GetByTestId("adapter-menu").GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(page.GetByTestId("delete-adapter")).ToBeDisabledAsync();
        await runs.StopAsync(run.Record.Id);
        await Assertions.Expect(page.GetByTestId("delete-adapter")).ToBeEnabledAsync();
        studio.AssertQuiet();
    }

    [Fact]
    public async Task Adapter_CreatedNamedExportedAndDeleted()
    {
        browser.RequireBrowser();
        await using var server = await RunningStudio.StartAsync();
        await using var studio = await browser.OpenAsync();
        var page = studio.Page;
        await studio.GoToAsync(server.Address + "adapters/new");

        await page.GetByTestId("adapter-setting-rank").FillAsync("0");
        await Assertions.Expect(page.GetByTestId("adapter-setting-rank-finding")).ToHaveTextAsync("Rank is 0; expected 1 to 4096.");
        await Assertions.Expect(page.GetByTestId("create-adapter")).ToBeDisabledAsync();
        await page.GetByTestId("adapter-setting-rank").FillAsync("2");
        await page.GetByTestId("adapter-name").FillAsync("Mine");
        await page.GetByTestId("create-adapter").ClickAsync();
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/adapters/(?!new)"));
        var id = page.Url.Split('/')[^1];
        await Assertions.Expect(page.GetByTestId("adapter-tensors").Locator("tbody tr").First).ToContainTextAsync("lora_A");

        await page.GetByTestId("adapter-tags").FillAsync("demo");
        await page.GetByTestId("adapter-save").ClickAsync();
        await Assertions.Expect(page.GetByTestId("adapter-saved")).ToHaveTextAsync("Saved");
        await studio.ScreenshotAsync("adapter-1280");
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByTestId("export-adapter").ClickAsync());
        Assert.Equal("Mine.zip", download.SuggestedFilename);
        Assert.Null(await download.FailureAsync());

        await page.GetByRole(AriaRole.Link, new() { Name = "Adapters", Exact = true }).ClickAsync();
        await page.GetByTestId("adapter-search").FillAsync("demo");
        await page.GetByTestId($"adapter-row-{id}").GetByTestId("adapter-link").ClickAsync();
        await page.GetByTestId("adapter-menu").GetByRole(AriaRole.Button).ClickAsync();
        await page.GetByTestId("delete-adapter").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This adapter was deleted" })).ToBeVisibleAsync();
        studio.AssertQuiet();
    }

    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    public async Task EveryPage_EveryWidthAndTheme_FitsAndConsoleIsEmpty(int width, ColorScheme scheme)
    {
        await using var studio = await browser.OpenAsync(width, scheme: scheme);
        var adapter = await CreateAsync(browser.Studio, "A rather long name for an adapter, as people write them");
        var look = $"{width}-{scheme}".ToLowerInvariant();

        foreach (var (name, path) in new[]
        {
            ("adapters", "/adapters"), ("adapter-new", "/adapters/new"), ("adapter", $"/adapters/{adapter}"), ("playground", $"/playground?adapters=base,{adapter},nope,base"),
        })
        {
            await studio.GoToAsync(path);
            await studio.AssertNoSidewaysScrollAsync();
            await studio.ScreenshotAsync($"{name}-{look}");
        }

        await studio.Page.GetByTestId("playground-settings-toggle").ClickAsync();
        await Assertions.Expect(studio.Page.GetByTestId("playground-settings")).ToBeVisibleAsync();
        await studio.AssertNoSidewaysScrollAsync();
        await studio.ScreenshotAsync($"playground-settings-{look}");
        studio.AssertQuiet();
    }

    private static async Task<string> CreateAsync(RunningStudio server, string name) =>
        (await server.Services.GetRequiredService<IAdapterService>().CreateAsync(name, new LoraSpec { Rank = 2 }, server.Services.GetRequiredService<IModelService>().Loaded[0].Record.Id)).Id;
}
