using Bunit;
using Studio.Core.Runs;
using Studio.Core.Storage;
using Studio.Tests.Web.Doubles;
using Studio.Web.Components.Pages;

namespace Studio.Tests.Web.Components.Pages;

public sealed class RunListPageTests : EngineTestContext
{
    [Fact]
    public void NoRuns_SaysHowToStartOne() => Assert.Contains("No fine-tunes yet", Render<RunListPage>().Markup, StringComparison.Ordinal);

    [Fact]
    public void Row_RunningRun_ShowsItsFigures()
    {
        Datasets.Add("pirate");
        Runs.Add("a");
        AddLoss("a", 3, 2, 1.25);

        var row = Render<RunListPage>().Find("[data-testid=run-row]");

        Assert.Equal("Running", row.GetAttribute("data-state"));
        Assert.Contains("pirate on starter", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("10 / 40 steps · 1 min 35 s left", row.TextContent, StringComparison.Ordinal);
        Assert.Equal("25", row.QuerySelector("[role=progressbar]")!.GetAttribute("aria-valuenow"));
        Assert.NotNull(row.QuerySelector("polyline"));
    }

    [Fact]
    public void Row_Memory_ShowsMeasuredAndExpected()
    {
        Runs.Add("a");
        Runs.Add("new");
        Runs.Add("old", RunState.Finished);
        Runs.Change("new", run => run with { Memory = new RunMemory(new MemoryForecast(0, 0, 0, 50 << 20, 0), null, 0) });
        Runs.Change("a", run => run with { Memory = new RunMemory(new MemoryForecast(1 << 20, 2 << 20, 1 << 20, 96 << 20, 0), 112 << 20, 3 << 20) });

        var notes = Render<RunListPage>().FindAll("[data-testid=run-memory]").Select(note => note.TextContent);

        Assert.Equal(["50.0 MiB expected", "112 MiB, 100 MiB expected"], notes);
    }

    [Theory]
    [InlineData(RunState.Queued, "pause,stop")]
    [InlineData(RunState.Running, "pause,stop")]
    [InlineData(RunState.Paused, "resume,stop")]
    [InlineData(RunState.Finished, "delete")]
    [InlineData(RunState.Failed, "delete")]
    [InlineData(RunState.Stopped, "delete")]
    public void Actions_EachState_AreWhatItAllows(RunState state, string expected)
    {
        Runs.Add("a", state);

        var buttons = Render<RunListPage>().FindAll(".studio-run-actions button");

        Assert.Equal(expected, string.Join(',', buttons.Select(button => button.GetAttribute("data-testid")!["run-".Length..])));
        Assert.All(buttons, button => Assert.EndsWith(" a run", button.GetAttribute("aria-label"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pause_Clicked_AsksNothing()
    {
        Runs.Add("a");

        await Render<RunListPage>().Find("[data-testid=run-pause]").ClickAsync(new());

        Assert.Equal(["pause a"], Runs.Calls);
    }

    [Theory]
    [InlineData("Delete", true)]
    [InlineData("Cancel", false)]
    public async Task Delete_IsDoneOnlyWhenConfirmed(string answer, bool deleted)
    {
        Runs.Add("a", RunState.Finished);
        var dialogs = RenderDialogs();
        var page = Render<RunListPage>();

        var click = page.Find("[data-testid=run-delete]").ClickAsync(new());
        dialogs.WaitForAssertion(() => Assert.Contains("Delete a run?", dialogs.Markup, StringComparison.Ordinal));
        await dialogs.FindAll("button").Single(button => button.TextContent.Trim() == answer).ClickAsync(new());
        await click;

        Assert.Equal(deleted ? ["delete a"] : [], Runs.Calls);
        page.WaitForAssertion(() => Assert.Equal(deleted, page.FindAll("[data-testid=run-row]").Count == 0));
    }

    [Fact]
    public void Progress_OfOneRun_RendersOnlyItsRow()
    {
        Runs.Add("a");
        Runs.Add("b");
        var page = Render<RunListPage>();
        var rows = page.FindComponents<Studio.Web.Components.Runs.RunRow>();
        var other = rows[0].RenderCount;

        AddLoss("a", 3, 2);

        rows[1].WaitForAssertion(() => Assert.NotEmpty(rows[1].FindAll("polyline")));
        Assert.Equal(other, rows[0].RenderCount);
    }

    [Fact]
    public void Choose_Two_LinksToTheirComparison()
    {
        Runs.Add("a");
        Runs.Add("b");
        var page = Render<RunListPage>();
        Assert.Empty(page.FindAll("[data-testid=compare-chosen]"));

        page.FindAll("[data-testid=run-select]")[0].Change(true);
        page.FindAll("[data-testid=run-select]")[1].Change(true);

        var link = page.Find("[data-testid=compare-chosen]");
        Assert.Contains("runs=b,a", link.GetAttribute("href"), StringComparison.Ordinal);
        Assert.Contains("Compare (2)", link.TextContent, StringComparison.Ordinal);
    }
}
