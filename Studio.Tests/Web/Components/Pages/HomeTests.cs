using Bunit;
using Studio.Core;
using Studio.Core.Storage;
using Studio.Core.Tensors;
using Studio.Tests.Web.Doubles;
using Studio.Web.Components.Pages;

namespace Studio.Tests.Web.Components.Pages;

public sealed class HomeTests : EngineTestContext
{
    [Fact]
    public async Task StartSamples_Clicked_StartsBothAndShowsThem()
    {
        Datasets.Add("json");
        Datasets.Add("pirate");
        var page = Render<Home>();
        Assert.NotEmpty(page.FindAll("[data-testid=no-active-runs]"));

        await page.Find("[data-testid=start-samples]").ClickAsync(new());

        Assert.Equal(["json", "pirate"], Runs.Started.Select(request => request.DatasetId));
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("[data-testid=active-run]").Count));
        Assert.Empty(page.FindAll("[data-testid=start-samples]"));
    }

    [Fact]
    public async Task StartSamples_SecondRefused_SaysWhyAndKeepsTheFirst()
    {
        Datasets.Add("json");
        Datasets.Add("pirate");
        Runs.Refused = ("pirate", new StudioException("The disk is full.", ["0 bytes are free."]));
        var page = Render<Home>();

        await page.Find("[data-testid=start-samples]").ClickAsync(new());

        Assert.Contains("The disk is full.", page.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Contains("0 bytes are free.", page.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Single(Runs.Started);
    }

    [Fact]
    public void ActiveRun_NewPoints_OnlyItsCardChanges()
    {
        Runs.Add("a");
        var page = Render<Home>();
        var card = page.FindComponent<Studio.Web.Components.Runs.RunCard>();
        var models = page.FindComponent<Studio.Web.Components.Home.LoadedModels>();
        var before = models.RenderCount;
        Assert.Equal("1.250", page.Find("[data-testid=active-loss]").TextContent);

        AddLoss("a", 3, 2, 1);

        card.WaitForAssertion(() => Assert.NotEmpty(card.FindAll("polyline")));
        Assert.Equal(before, models.RenderCount);
    }

    [Fact]
    public void RunEnds_StateChange_LeavesTheList()
    {
        Runs.Add("a");
        var page = Render<Home>();

        Runs.Change("a", run => run with { Record = run.Record with { State = RunState.Finished } });

        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[data-testid=active-run]")));
    }

    [Fact]
    public void Memory_WithAGpu_ShowsIt()
    {
        Gpu = new GpuMemoryReading("Test GPU", 8L << 30, 2L << 30, 6L << 30);

        var memory = Render<Home>().Find("[data-testid=memory]").TextContent;

        Assert.Contains("2.00 GiB", memory, StringComparison.Ordinal);
        Assert.Contains("Test GPU", memory, StringComparison.Ordinal);
        Assert.Contains("300 MiB", memory, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_WithoutAGpu_ShowsNone() => Assert.DoesNotContain("GPU", Render<Home>().Find("[data-testid=memory]").TextContent, StringComparison.Ordinal);

    [Fact]
    public void Models_NoneLoaded_SaysSo()
    {
        Models.Loaded = [];

        Assert.NotEmpty(Render<Home>().FindAll("[data-testid=no-models]"));
    }

    [Fact]
    public void Datasets_CannotBeRead_ShowsWhyAndCanTryAgain()
    {
        Datasets.Failure = new StorageException("The database is damaged.");
        var page = Render<Home>();
        Assert.Contains("The database is damaged.", page.Find("[role=alert]").TextContent, StringComparison.Ordinal);

        Datasets.Failure = null;
        page.FindAll("[role=alert] button").Single().Click();

        Assert.Empty(page.FindAll("[role=alert]"));
        Assert.Equal(3, page.FindAll("[data-testid=next-steps] > li").Count);
    }

    [Fact]
    public async Task Dispose_LeavesNoHandlerBehind()
    {
        Runs.Add("a");
        Render<Home>();
        Assert.NotEqual(0, Runs.Handlers);

        await DisposeComponentsAsync();

        Assert.Equal(0, Runs.Handlers);
    }
}
