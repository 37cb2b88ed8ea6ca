using Bunit;
using Microsoft.Extensions.Logging;
using Studio.Core.Runs;
using Studio.Core.Storage;
using Studio.Tests.Web.Doubles;
using Studio.Web.Components.Pages;
using Studio.Web.Components.Runs;

namespace Studio.Tests.Web.Components.Pages;

public sealed class RunDetailPageTests : EngineTestContext
{
    [Fact]
    public void UnknownId_SaysSoAndLeadsBack()
    {
        var page = Open("nope");

        Assert.Contains("No run has the id 'nope'", page.Markup, StringComparison.Ordinal);
        Assert.Equal("/runs", page.Find(".studio-empty a").GetAttribute("href"));
    }

    [Fact]
    public void Run_ShowsFiguresSettingsLinksAndCharts()
    {
        Datasets.Add("pirate");
        Runs.Add("a");

        var page = Open("a");

        Assert.Contains("Step 10 of 40", page.Find("[data-testid=run-steps]").TextContent, StringComparison.Ordinal);
        Assert.Equal("1 min 35 s left", page.Find("[data-testid=run-eta]").TextContent);
        Assert.Equal("/playground?adapters=base,a-adapter", page.Find("[data-testid=chat-link]").GetAttribute("href"));
        Assert.Equal("/adapters/a-adapter", page.Find("[data-testid=adapter-link]").GetAttribute("href"));
        Assert.Contains("pirate", page.Find("[data-testid=run-settings]").TextContent, StringComparison.Ordinal);
        Assert.Equal(4, page.FindAll(".studio-chart").Count);
    }

    [Fact]
    public void Log_LinesBeforeAndAfterOpening_AreInOrderAndOnce()
    {
        Runs.Add("a");
        Telemetry.Log.Append("a", LogLevel.Information, "first");
        var page = Open("a");

        Telemetry.Log.Append("a", LogLevel.Warning, "second");

        page.WaitForAssertion(() => Assert.Equal(["first", "second"], page.FindAll(".studio-log-line span").Select(line => line.TextContent)));
        Assert.NotEmpty(page.FindAll(".studio-log-warning"));
    }

    [Fact]
    public void Log_VeryLong_KeepsTheNewest()
    {
        Runs.Add("a");
        for (var line = 1; line <= RunLog.MostLines + 20; line++)
            Telemetry.Log.Append("a", LogLevel.Information, $"line {line}");

        var lines = Open("a").FindAll(".studio-log-line span");

        Assert.Equal(RunLog.MostLines, lines.Count);
        Assert.Equal($"line {RunLog.MostLines + 20}", lines[^1].TextContent);
    }

    [Fact]
    public void State_Changes_ActionsFollow()
    {
        Runs.Add("a");
        var page = Open("a");
        Assert.NotEmpty(page.FindAll("[data-testid=run-pause]"));

        Runs.Change("a", run => run with { Record = run.Record with { State = RunState.Paused } });

        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll("[data-testid=run-resume]")));
    }

    [Theory]
    [InlineData(RunState.Queued, "pause,stop")]
    [InlineData(RunState.Running, "pause,pause-now,stop")]
    [InlineData(RunState.Paused, "resume,stop")]
    public void Actions_OfARunWithAStepInFlight_OfferToAbandonIt(RunState state, string expected)
    {
        Runs.Add("a", state);

        var buttons = Open("a").FindAll(".studio-run-actions button");

        Assert.Equal(expected, string.Join(',', buttons.Select(button => button.GetAttribute("data-testid")!["run-".Length..])));
    }

    [Fact]
    public async Task PauseNow_WhileAPauseWaitsForItsStep_IsStillOffered()
    {
        Runs.Add("a");
        Runs.Pausing = new TaskCompletionSource();
        var page = Open("a");

        var waiting = page.Find("[data-testid=run-pause]").ClickAsync(new());
        Assert.True(page.Find("[data-testid=run-pause]").HasAttribute("disabled"));
        Assert.Equal("The current step is abandoned and repeated.", page.Find("[data-testid=run-pause-now]").GetAttribute("title"));
        await page.Find("[data-testid=run-pause-now]").ClickAsync(new());
        Runs.Pausing.SetResult();
        await waiting;

        Assert.Equal(["pause a", "pause-now a"], Runs.Calls);
        Assert.False(page.Find("[data-testid=run-pause]").HasAttribute("disabled"));
    }

    [Fact]
    public void Failed_ShowsTheCause()
    {
        Runs.Add("a", RunState.Failed);
        Runs.Change("a", run => run with { Record = run.Record with { Error = "The loss is not a number at step 3." } });

        Assert.Contains("The loss is not a number at step 3.", Open("a").Find("[role=alert]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_MeasuredBesideForecast_IsShown()
    {
        Runs.Add("a");
        Runs.Change("a", run => run with { Memory = new RunMemory(new MemoryForecast(1 << 20, 2 << 20, 1 << 20, 96 << 20, 0), 112 << 20, 3 << 20) });

        var tile = Open("a").FindAll(".studio-stat").Single(stat => stat.TextContent.Contains("Memory measured", StringComparison.Ordinal));

        Assert.Contains("112 MiB", tile.TextContent, StringComparison.Ordinal);
        Assert.Contains("100 MiB expected", tile.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Queued_ForMemory_SaysWhatItWaitsFor()
    {
        var wait = new StartsAfter(WaitCause.Memory, "b", "Pirate", 1 << 20);
        Runs.Add("a", RunState.Queued);
        Runs.Change("a", run => run with { Record = run.Record with { StateReason = wait.Sentence }, Waiting = wait });

        Assert.Contains("Waits for memory: starts when 'Pirate' ends.", Open("a").Find(".studio-run-summary").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deleted_Elsewhere_SaysSo()
    {
        Runs.Add("a", RunState.Finished);
        var page = Open("a");

        await Runs.DeleteAsync("a", Xunit.TestContext.Current.CancellationToken);

        page.WaitForAssertion(() => Assert.Contains("This run was deleted", page.Markup, StringComparison.Ordinal));
    }

    private IRenderedComponent<RunDetailPage> Open(string id) => Render<RunDetailPage>(p => p.Add(c => c.Id, id));
}
