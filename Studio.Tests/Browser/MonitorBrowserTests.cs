using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Studio.Core.Adapters.Methods;
using Studio.Core.Execution;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Tests.Web;

namespace Studio.Tests.Browser;

[Collection(BrowserSuite.Name)]
public sealed class MonitorBrowserTests(BrowserFixture browser)
{
    // A machine that is busy with other things takes its time for a step.
    private const float StepMilliseconds = 60_000;

    [Fact]
    public async Task Monitor_TwoRunsTrainAndAChatAnswers_EveryPanelLivesAtEveryWidthAndTheme()
    {
        browser.RequireBrowser();
        await using var server = await RunningStudio.StartAsync();
        using var end = new CancellationTokenSource();
        await StartRunsAsync(server);
        var chat = ChatAsync(server, end.Token);

        foreach (var (width, scheme) in new[] { (1280, ColorScheme.Light), (1280, ColorScheme.Dark), (390, ColorScheme.Light), (390, ColorScheme.Dark) })
        {
            await using var studio = await browser.OpenAsync(width, height: 900, scheme);
            var page = studio.Page;
            await studio.GoToAsync($"{server.Address}monitor");

            await ExpectAsync(page.GetByTestId("executor-achieved"), "FLOP/s");
            await ExpectAsync(page.GetByTestId("executor-rows").GetByText("mean"), "mean");
            await Assertions.Expect(page.GetByTestId("executor-client")).ToHaveCountAsync(3);
            await Assertions.Expect(page.GetByTestId("timeline-lane")).ToHaveCountAsync(3);
            await Assertions.Expect(page.GetByTestId("monitor-throughput-legend").Locator("li")).ToHaveCountAsync(4, new() { Timeout = StepMilliseconds });
            await Assertions.Expect(page.GetByTestId("monitor-throughput").Locator(".scatterlayer .js-line")).ToHaveCountAsync(4, new() { Timeout = StepMilliseconds });
            await ExpectAsync(page.GetByTestId("monitor-chart-legend"), "Base models");
            await Assertions.Expect(page.GetByTestId("monitor-chart").Locator(".scatterlayer .js-fill").First).ToBeAttachedAsync();
            await Assertions.Expect(page.GetByTestId("monitor-run-memory-row")).ToHaveCountAsync(2, new() { Timeout = StepMilliseconds });
            // Something is drawn in a lane, beyond the lines of the empty picture.
            await page.WaitForFunctionAsync("""
                () => {
                    const canvas = document.querySelector('.studio-timeline canvas');
                    const pixels = canvas.width > 0 ? canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height * 0.75).data : [];
                    const colors = new Set();
                    for (let i = 0; i < pixels.length; i += 4) if (pixels[i + 3] > 60) colors.add((pixels[i] << 16) | (pixels[i + 1] << 8) | pixels[i + 2]);
                    return colors.size > 3;
                }
                """, null, new() { Timeout = StepMilliseconds });
            await studio.AssertNoSidewaysScrollAsync();
            await studio.ScreenshotAsync($"monitor-{width}-{scheme}".ToLowerInvariant());
            studio.AssertQuiet();
        }
        await end.CancelAsync();
        await chat;
    }

    [Fact]
    public async Task Monitor_PolicyPauseAndTable_Answer()
    {
        browser.RequireBrowser();
        await using var server = await RunningStudio.StartAsync();
        await StartRunsAsync(server);
        await using var studio = await browser.OpenAsync(height: 900);
        var page = studio.Page;
        await studio.GoToAsync($"{server.Address}monitor");

        await page.GetByTestId("executor-policy").SelectOptionAsync("Lockstep");
        await ExpectAsync(page.GetByTestId("executor-policy-text"), "for every client in a step");
        Assert.Equal(BatchingPolicy.Lockstep, server.Services.GetRequiredService<StudioTelemetry>().ReadExecutors().Single().Policy);

        await page.GetByText("As a table").ClickAsync();
        await Assertions.Expect(page.GetByTestId("timeline-table").Locator("tbody tr")).ToHaveCountAsync(3);
        await page.GetByTestId("timeline-pause").ClickAsync();
        await Assertions.Expect(page.GetByTestId("timeline-pause")).ToHaveTextAsync("Go on");
        string still = await PictureAsync(page);
        var calls = (await page.GetByTestId("executor-calls").TextContentAsync())!;
        await Assertions.Expect(page.GetByTestId("executor-calls")).Not.ToHaveTextAsync(calls, new() { Timeout = StepMilliseconds });
        Assert.Equal(still, await PictureAsync(page));
        await page.GetByTestId("timeline-pause").ClickAsync();
        await page.WaitForFunctionAsync("still => document.querySelector('.studio-timeline canvas').toDataURL() !== still", still, new() { Timeout = StepMilliseconds });

        await page.Locator(".studio-timeline canvas").HoverAsync(new() { Position = new() { X = 40, Y = 40 } });
        await ExpectAsync(page.Locator(".studio-timeline-readout"), "s ago");
        await page.GetByTestId("memory-owners").ClickAsync();
        await ExpectAsync(page.GetByTestId("monitor-chart-legend"), "Terse support");
        await Assertions.Expect(page.GetByTestId("monitor-chart").Locator(".scatterlayer .js-fill")).ToHaveCountAsync(3, new() { Timeout = StepMilliseconds });
        await page.GetByTestId("throughput-each").ClickAsync();
        await Assertions.Expect(page.GetByTestId("monitor-throughput").Locator(".scatterlayer .js-line")).ToHaveCountAsync(3, new() { Timeout = StepMilliseconds });
        await studio.ScreenshotAsync("monitor-lockstep-1280");
        studio.AssertQuiet();
    }

    private static Task<string> PictureAsync(IPage page) => page.EvaluateAsync<string>("document.querySelector('.studio-timeline canvas').toDataURL()");

    private static Task ExpectAsync(ILocator part, string text) => Assertions.Expect(part).ToContainTextAsync(text, new() { Timeout = StepMilliseconds });

    private static async Task StartRunsAsync(RunningStudio server)
    {
        var runs = server.Services.GetRequiredService<IRunService>();
        var datasets = await server.Services.GetRequiredService<IDatasetService>().ListAsync();
        foreach (string name in new[] { "Pirate, rank 8", "Terse support" })
        {
            await runs.StartAsync(new RunRequest
            {
                Name = name,
                ModelId = server.Services.GetRequiredService<IModelService>().Loaded[0].Record.Id,
                DatasetId = datasets[runs.Runs.Count % datasets.Count].Id,
                Adapter = new LoraSpec { Rank = 8 },
                Training = new() { BatchSize = 2, MaxLength = 96, Epochs = 500, EvalFraction = 0 },
            });
        }
    }

    private static async Task ChatAsync(RunningStudio server, CancellationToken ct)
    {
        try
        {
            while (true)
            {
                using var answer = await server.Client.PostAsync("/api/chat", new StringContent(
                    """{"stream":false,"messages":[{"role":"user","content":"Tell me a story."}],"sampling":{"maxNewTokens":60}}""", System.Text.Encoding.UTF8, "application/json"), ct);
                answer.EnsureSuccessStatusCode();
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The test is over.
        }
    }
}
