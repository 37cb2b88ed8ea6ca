using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Serving;
using Studio.Tests.Web;

namespace Studio.Tests.Browser;

[Collection(BrowserSuite.Name)]
public sealed class AdapterCompositionBrowserTests(BrowserFixture browser)
{
    // A machine that is busy with other things writes a token a second.
    private const float WorkMilliseconds = 60_000;

    private static readonly LoraSpec Restless = new() { Rank = 4, Initialisation = LoraStart.Random };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Blend_PutTogetherAndMoved_AnswersAndAReloadShowsTheSame()
    {
        browser.RequireBrowser();
        await using var server = await RunningStudio.StartAsync();
        var (bosun, captain) = (await CreateAsync(server, "Bosun", Restless), await CreateAsync(server, "Captain", Restless));
        var prompt = await CreateAsync(server, "Prompt", new PromptTuningSpec { VirtualTokens = 4 });
        await using var studio = await browser.OpenAsync();
        var page = studio.Page;
        await studio.GoToAsync(server.Address + "playground?adapters=base");

        await page.GetByTestId("playground-pane-1-choice").SelectOptionAsync(new SelectOptionValue { Label = "Blend of adapters…" });
        await Assertions.Expect(page.GetByTestId($"playground-pane-1-blend-{prompt}")).ToBeCheckedAsync();
        await Assertions.Expect(page.GetByTestId($"playground-pane-1-blend-{captain}")).ToHaveValueAsync("0.5");
        await page.GetByTestId($"playground-pane-1-blend-{prompt}").UncheckAsync();
        await page.GetByTestId("playground-pane-1-blend-add").SelectOptionAsync(bosun);
        await page.GetByTestId($"playground-pane-1-blend-{bosun}-number").FillAsync("0");
        await page.GetByTestId($"playground-pane-1-blend-{bosun}-number").PressAsync("Enter");
        await Assertions.Expect(page).ToHaveURLAsync(new Regex(Regex.Escape(Uri.EscapeDataString($"blend(1;{prompt}:0;{captain}:0.5;{bosun}:0)")) + "$"));
        await page.GetByTestId($"playground-pane-1-blend-{captain}").FocusAsync();
        await page.Keyboard.PressAsync("Home");
        await Assertions.Expect(page.GetByTestId($"playground-pane-1-blend-{captain}-number")).ToHaveValueAsync("0");
        var nothing = await AnswerAsync(page, "Who are you?");

        await page.GetByTestId($"playground-pane-1-blend-{captain}").FocusAsync();
        await page.Keyboard.PressAsync("End");
        await Assertions.Expect(page.GetByTestId($"playground-pane-1-blend-{captain}-number")).ToHaveValueAsync("1.5");
        await page.GetByTestId("playground-clear").ClickAsync();
        await Assertions.Expect(page.GetByTestId("playground-turn")).ToHaveCountAsync(0);
        var much = await AnswerAsync(page, "Who are you?");
        Assert.NotEqual(nothing, much);
        await studio.ScreenshotAsync("playground-blend-1280");

        await studio.GoToAsync(page.Url);
        await Assertions.Expect(page.GetByTestId($"playground-pane-1-blend-{captain}")).ToHaveValueAsync("1.5");
        await Assertions.Expect(page.GetByTestId($"playground-pane-1-blend-{prompt}")).Not.ToBeCheckedAsync();
        studio.AssertQuiet();
    }

    [Fact]
    public async Task Combine_TwoAdapters_WritesOneThatNamesThem()
    {
        browser.RequireBrowser();
        await using var server = await RunningStudio.StartAsync();
        await CreateAsync(server, "Bosun", Restless);
        var captain = await CreateAsync(server, "Captain", Restless);
        await using var studio = await browser.OpenAsync();
        var page = studio.Page;
        await studio.GoToAsync($"{server.Address}adapters/{captain}");

        await studio.ChooseFromAdapterMenuAsync("combine-adapter");
        await Assertions.Expect(page.GetByTestId("combine-finding")).ToHaveTextAsync("The adapter needs a name.");
        await page.GetByTestId("combine-member").Nth(1).CheckAsync();
        await page.GetByTestId($"combine-weight-{captain}").FillAsync("0.5");
        await page.GetByTestId("combine-name").FillAsync("Crew");
        await page.GetByTestId("combine-adapters").ClickAsync();
        await Assertions.Expect(page.GetByTestId("combine-done")).ToContainTextAsync("is written and read back", new() { Timeout = WorkMilliseconds });
        await page.GetByTestId("combine-done").GetByRole(AriaRole.Link, new() { Name = "Crew" }).ClickAsync();

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Crew" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByTestId("lineage-origin")).ToHaveTextAsync("Combined of several adapters");
        await Assertions.Expect(page.GetByTestId("lineage-parent")).ToHaveTextAsync("Captain");
        await Assertions.Expect(page.GetByTestId("adapter-notes")).ToHaveValueAsync("Concatenate of Captain × 0.5, Bosun × 1.");
        await Assertions.Expect(page.GetByTestId("norm-map").Locator("tbody tr")).Not.ToHaveCountAsync(0);
        studio.AssertQuiet();
    }

    [Fact]
    public async Task Merge_OfAnAdapter_BecomesAModel()
    {
        browser.RequireBrowser();
        await using var server = await RunningStudio.StartAsync();
        var captain = await CreateAsync(server, "Captain", Restless);
        await using var studio = await browser.OpenAsync();
        var page = studio.Page;
        await studio.GoToAsync($"{server.Address}adapters/{captain}");

        await studio.ChooseFromAdapterMenuAsync("merge-adapter");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Merge", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByTestId("adapter-outcome")).ToContainTextAsync("positions choose the same token", new() { Timeout = WorkMilliseconds });
        await page.GetByTestId("adapter-outcome").GetByRole(AriaRole.Link, new() { Name = "See the model" }).ClickAsync();

        await Assertions.Expect(page).ToHaveURLAsync(new Regex("/models/.+$"));
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToContainTextAsync("Captain");
        studio.AssertQuiet();
    }

    [Theory]
    [MemberData(nameof(FineTunePagesBrowserTests.Windows), MemberType = typeof(FineTunePagesBrowserTests))]
    public async Task EveryPage_FitsAndConsoleIsEmpty(int width, ColorScheme scheme)
    {
        browser.RequireBrowser();
        await using var studio = await browser.OpenAsync(width, height: 900, scheme);
        var look = $"{width}-{scheme}".ToLowerInvariant();
        var lora = await CreateAsync(browser.Studio, "Bosun of a rather long name, as people write them", Restless);
        var prompt = await CreateAsync(browser.Studio, "Prompt", new PromptTuningSpec { VirtualTokens = 4 });

        await VisitAsync("combine", $"/adapters/combine?with={lora}", "[data-testid=combine-form]");
        await VisitAsync("blend", $"/playground?adapters=base,{Uri.EscapeDataString($"blend(0.85;{lora}:1.25;{prompt}:1)")}", "[data-testid=playground-pane-2-blend]");
        await VisitAsync("blend-refused", $"/playground?adapters={Uri.EscapeDataString($"blend(1;{prompt}:0.5)")}", "[data-testid=playground-pane-1-problem]");
        studio.AssertQuiet();

        Task VisitAsync(string name, string path, string mark) => studio.VisitAsync(path, mark, $"{name}-{look}");
    }

    private static async Task<string> CreateAsync(RunningStudio server, string name, AdapterSpec spec) =>
        (await server.Services.GetRequiredService<IAdapterService>().CreateAsync(name, spec, server.Services.GetRequiredService<IModelService>().Loaded[0].Record.Id, ct: Ct)).Id;

    private static async Task<string> AnswerAsync(IPage page, string question)
    {
        await page.GetByTestId("playground-prompt").FillAsync(question);
        await page.GetByTestId("playground-prompt").PressAsync("Enter");
        await Assertions.Expect(page.GetByTestId("playground-pane-1-figures")).ToContainTextAsync("tokens/s", new() { Timeout = WorkMilliseconds });
        await Assertions.Expect(page.GetByTestId("playground-send")).ToBeVisibleAsync(new() { Timeout = WorkMilliseconds });
        return (await page.GetByTestId("playground-pane-1-answer").TextContentAsync())!;
    }
}
