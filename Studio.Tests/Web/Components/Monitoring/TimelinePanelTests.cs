using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Serving;
using Studio.Tests.Telemetry;
using Studio.Tests.Web.Doubles;
using Studio.Web.Components.Monitoring;
using Studio.Web.Monitoring;

namespace Studio.Tests.Web.Components.Monitoring;

public sealed class TimelinePanelTests : EngineTestContext
{
    private readonly TestTimeProvider _clock = new();

    public TimelinePanelTests()
    {
        Services.AddSingleton<TimeProvider>(_clock);
        Executors = [View(TestModelService.ModelId, "chat", "Sailor")];
        Telemetry.Clients.Report(new ClientState("r1", ClientKind.Run, "Sailor", TestModelService.ModelId, 0, 0, 0, 0));
    }

    [Fact]
    public void Open_Clients_HaveLanesAndTheWholeWindowIsDrawn()
    {
        Compute(CallDirection.Forward, 100, "Sailor");
        var panel = Render<TimelinePanel>();

        panel.WaitForAssertion(() => Assert.Equal(["chat", "Sailor"], Lanes(panel)));
        Assert.Equal(TimelineSlots.Count, Assert.Single(Frames()).Columns);
        Assert.Equal(2, Frames()[0].Lanes.Count);
    }

    [Fact]
    public void Tick_OnlyTheNewColumnsTravel()
    {
        var panel = RenderOpen();
        var renders = panel.RenderCount;

        Compute(CallDirection.Backward, 500, "Sailor");

        panel.WaitForAssertion(() => Assert.Equal(2, Frames().Count));
        Assert.Equal(26, Frames()[^1].Columns);
        Assert.Equal(2 * 26 * TimelineSlots.BytesPerSlot, Frames()[^1].Data.Length);
        Assert.Equal(renders, panel.RenderCount);
    }

    [Fact]
    public async Task Pause_NothingTravelsUntilItGoesOn()
    {
        var panel = RenderOpen();

        await panel.Find("[data-testid=timeline-pause]").ClickAsync(new());
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Single(Frames());
        Assert.Equal("Go on", panel.Find("[data-testid=timeline-pause]").TextContent.Trim());
        await panel.Find("[data-testid=timeline-pause]").ClickAsync(new());

        panel.WaitForAssertion(() => Assert.Equal(2, Frames().Count));
        Assert.Equal(TimelineSlots.Count, Frames()[^1].Columns);
    }

    [Fact]
    public async Task Tab_Hidden_NothingTravelsUntilItIsShown()
    {
        var panel = RenderOpen();

        await panel.InvokeAsync(() => panel.Instance.SetVisible(false));
        _clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Single(Frames());
        await panel.InvokeAsync(() => panel.Instance.SetVisible(true));

        panel.WaitForAssertion(() => Assert.Equal(TimelineSlots.Count, Frames()[^1].Columns));
        Assert.Equal(2, Frames().Count);
    }

    [Fact]
    public async Task Table_Open_HasTheSharesOfEveryLane()
    {
        Compute(CallDirection.Forward, 1_000, "Sailor", "chat");
        Compute(CallDirection.Backward, 500, "Sailor");
        var panel = RenderOpen();
        Assert.Empty(panel.FindAll("[data-testid=timeline-table]"));

        await panel.Find("details").TriggerEventAsync("ontoggle", EventArgs.Empty);

        var rows = panel.FindAll("[data-testid=timeline-table] tbody tr").Select(row => row.QuerySelectorAll("td").Select(cell => cell.TextContent)).ToList();
        Assert.Equal(["chat", "20 %", "0 %", "20 %", "80 %"], rows[0]);
        Assert.Equal(["Sailor", "20 %", "10 %", "20 %", "70 %"], rows[1]);
    }

    [Fact]
    public void SeveralModels_NamesSayWhichOne()
    {
        Executors = [.. Executors, View("other", "chat")];
        Models.Loaded = [.. Models.Loaded, TestModelService.Model("other", "large", "g")];

        Assert.Equal(["chat · starter", "Sailor · starter", "chat · large"], Lanes(RenderOpen()));
    }

    [Fact]
    public void NobodyAttached_SaysSo()
    {
        Executors = [];

        Assert.Contains("Nobody is attached", RenderOpen().Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Closed_TicksNoMoreAndTellsTheScript()
    {
        var panel = RenderOpen();

        await panel.Instance.DisposeAsync();
        _clock.Advance(TimeSpan.FromSeconds(3));

        Assert.Single(Frames());
        Assert.Single(Modules.Invocations, call => call.Identifier == "close");
    }

    private static ExecutorView View(string model, params string[] clients) => new(model, model, BatchingPolicy.None,
        new ExecutorCounters(0, 0, 0, 0, TimeSpan.Zero, [.. clients.Select(name => new ClientCounters(name, 0, 0, TimeSpan.Zero, InPass: false) { Interactive = name == "chat" })]));

    private static IEnumerable<string> Lanes(IRenderedComponent<TimelinePanel> panel) => panel.FindAll("[data-testid=timeline-lane]").Select(lane => lane.TextContent);

    // A product of so many milliseconds that ends now.
    private void Compute(CallDirection direction, int milliseconds, params string[] clients)
    {
        long start = _clock.GetTimestamp();
        Spans.Add(new ExecutorSpan(start, start + milliseconds * TimeSpan.TicksPerMillisecond, LayerId.Head, direction, 1, clients));
        _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
    }

    private List<TimelineFrame> Frames() => [.. Modules.Invocations.Where(call => call.Identifier == "draw").Select(call => (TimelineFrame)call.Arguments[1]!)];

    private IRenderedComponent<TimelinePanel> RenderOpen()
    {
        var panel = Render<TimelinePanel>();
        panel.WaitForAssertion(() => Assert.Single(Frames()));
        return panel;
    }
}
