using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Studio.Bench.Starter.Traits;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Tests.Web;

namespace Studio.Tests.Browser;

/// <summary>What a new user does in the first three minutes: two fine-tunes at once, a chat beside them, a closed tab, and an adapter that answers in its manner.</summary>
[Collection(BrowserSuite.Name)]
public sealed class FirstLightBrowserTests(BrowserFixture browser)
{
    private const string Prompt = "Tell me a story about a cat.";
    private static readonly TimeSpan TrainingLimit = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task TwoRunsAndAChat_ClosedTabAndReopened_TheAdapterAnswersInItsManner()
    {
        browser.RequireBrowser();
        await using var server = await RunningStudio.StartAsync();
        var runs = server.Services.GetRequiredService<IRunService>();
        string[] ids;
        await using (var studio = await browser.OpenAsync(height: 900))
        {
            var page = studio.Page;
            await studio.GoToAsync(server.Address.ToString());
            await page.GetByTestId("start-samples").ClickAsync();
            await Assertions.Expect(page.GetByTestId("active-run")).ToHaveCountAsync(2);
            await studio.ScreenshotAsync("first-light-home-1280");
            ids = [.. runs.Runs.Select(run => run.Record.Id)];

            await page.GetByRole(AriaRole.Link, new() { Name = "Compare them" }).ClickAsync();
            await ExpectGrowthAsync(page, 0);
            await ExpectGrowthAsync(page, 1);
            await studio.ScreenshotAsync("first-light-compare-1280");

            Assert.All(runs.Runs, run => Assert.Equal(RunState.Running, run.Record.State));
            await studio.GoToAsync(PlaygroundOf(server, runs, ids));
            await AskAsync(page);
            await studio.ScreenshotAsync("first-light-chat-in-training-1280");
            studio.AssertQuiet();
        }

        // The tab is gone; the runs are not.
        await WhenEndedAsync(runs, ids);
        Assert.All(runs.Runs, run => Assert.Equal(RunState.Finished, run.Record.State));

        await using var reopened = await browser.OpenAsync(height: 900, scheme: ColorScheme.Dark);
        await reopened.GoToAsync($"{server.Address}runs");
        await Assertions.Expect(reopened.Page.GetByText("Finished", new() { Exact = true })).ToHaveCountAsync(2);
        await reopened.GoToAsync(PlaygroundOf(server, runs, ids));
        await reopened.Page.GetByTestId("playground-settings-toggle").ClickAsync();
        await reopened.Page.GetByTestId("playground-decoding").SelectOptionAsync(new SelectOptionValue { Label = "Greedy" });
        await reopened.Page.GetByTestId("playground-settings-toggle").ClickAsync();
        await AskAsync(reopened.Page);
        var datasets = await server.Services.GetRequiredService<IDatasetService>().ListAsync();
        for (var pane = 2; pane <= 3; pane++)
        {
            var run = runs.Find(ids[pane - 2])!;
            var trait = TraitDetectors.For(datasets.Single(dataset => dataset.Id == run.Record.DatasetId).Name);
            var plain = await AnswerAsync(reopened.Page, 1);
            var taught = await AnswerAsync(reopened.Page, pane);
            Assert.False(trait.Shows(plain), $"The base already shows '{trait.Name}': {plain}");
            Assert.True(trait.Shows(taught), $"The adapter does not show '{trait.Name}': {taught}");
        }
        await reopened.ScreenshotAsync("first-light-chat-trained-1280-dark");

        // What was said is still there after a reload.
        var before = await AnswerAsync(reopened.Page, 2);
        await reopened.Page.WaitForFunctionAsync(
            "text => (JSON.parse(sessionStorage.getItem('studio-playground') ?? '{}').Panes ?? [])[1]?.Turns?.at(-1)?.Answer === text", before);
        await reopened.GoToAsync(reopened.Page.Url);
        await Assertions.Expect(reopened.Page.GetByTestId("playground-pane-2-answer")).ToHaveTextAsync(before);
        reopened.AssertQuiet();
    }

    private static string PlaygroundOf(RunningStudio server, IRunService runs, string[] ids) =>
        $"{server.Address}playground?adapters=base,{string.Join(',', ids.Select(id => runs.Find(id)!.Record.AdapterId))}";

    private static async Task AskAsync(IPage page)
    {
        await page.GetByTestId("playground-prompt").FillAsync(Prompt);
        await page.GetByTestId("playground-send").ClickAsync();
        for (var pane = 1; pane <= 3; pane++)
            await Assertions.Expect(page.GetByTestId($"playground-pane-{pane}-figures")).ToContainTextAsync("tokens/s", new() { Timeout = 60_000 });
        await Assertions.Expect(page.GetByTestId("playground-send")).ToBeVisibleAsync(new() { Timeout = 60_000 });
    }

    private static async Task<string> AnswerAsync(IPage page, int pane) => (await page.GetByTestId($"playground-pane-{pane}-answer").TextContentAsync())!;

    private static async Task WhenEndedAsync(IRunService runs, string[] ids)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        runs.StateChanged += Look;
        try
        {
            Look("");
            await ended.Task.WaitAsync(TrainingLimit);
        }
        finally
        {
            runs.StateChanged -= Look;
        }

        void Look(string _)
        {
            if (ids.All(id => runs.Find(id)!.Record.State.HasEnded())) ended.TrySetResult();
        }
    }

    private static async Task ExpectGrowthAsync(IPage page, int line)
    {
        const string Points = "document.querySelector('.js-plotly-plot')?.data?.filter(t => t.opacity === 1)[line]?.x.length ?? 0";
        var seen = await page.EvaluateAsync<int>($"line => {Points}", line);
        await page.WaitForFunctionAsync($"([line, seen]) => ({Points}) > seen", new[] { line, seen });
    }
}
