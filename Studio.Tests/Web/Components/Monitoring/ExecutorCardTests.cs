using Bunit;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using Studio.Core;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Serving;
using Studio.Tests.Telemetry;
using Studio.Tests.Web.Doubles;
using Studio.Web.Components.Monitoring;
using Studio.Web.Monitoring;

namespace Studio.Tests.Web.Components.Monitoring;

public sealed class ExecutorCardTests : EngineTestContext
{
    [Fact]
    public void Meter_BelowThePeak_SaysBothAndTheirRatio()
    {
        var card = RenderCard(peak: 1_180e9, rate: new ExecutorRate(1, 1, 1, 0, 1, 413e9));

        Assert.Equal("413 of 1,180 GFLOP/s · 35 %", Text(card, "executor-achieved"));
        Assert.Equal("35", card.Find("[role=meter]").GetAttribute("aria-valuenow"));
        Assert.StartsWith("width: 35%", card.Find("[role=meter] > span").GetAttribute("style"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "413 GFLOP/s", "0")]
    [InlineData(100e9, "413 GFLOP/s, above the best of 100 GFLOP/s", "100")]
    public void Meter_NoPeakOrABusyOne_ClaimsNoRatio(double peak, string text, string percent)
    {
        var card = RenderCard(peak, new ExecutorRate(1, 1, 1, 0, 1, 413e9));

        Assert.Equal(text, Text(card, "executor-achieved"));
        Assert.Equal(percent, card.Find("[role=meter]").GetAttribute("aria-valuenow"));
    }

    [Fact]
    public void Sizes_Bars_AreAsHighAsTheirShareOfTheLargest()
    {
        var card = RenderCard(rows: new SizeHistogram([200, 0, 100, 1]));

        var bars = card.FindAll("[data-testid=executor-rows] .studio-sizes-bars > div");
        Assert.Equal(["height: 100%", "height: 0%", "height: 50%", "height: 3%"], bars.Select(bar => bar.QuerySelector("span")!.GetAttribute("style")));
        Assert.Equal(["1", "2", "4", "8"], bars.Select(bar => bar.QuerySelector("small")!.TextContent));
        Assert.Equal("3 to 4 rows: 33 %", bars[2].GetAttribute("title"));
        Assert.Equal("Rows in a product: 1 row: 66 %, 3 to 4 rows: 33 %, 5 to 8 rows: 0 %", card.Find("[data-testid=executor-rows] [role=img]").GetAttribute("aria-label"));
        Assert.Contains("No products yet", Text(card, "executor-requests"), StringComparison.Ordinal);
    }

    [Fact]
    public void Clients_Waits_AreSharesOfTheirTimeByCause()
    {
        Telemetry.Clients.Report(new ClientState("r1", ClientKind.Run, "Sailor", TestModelService.ModelId, 0, 0, 0, 0));
        var card = RenderCard(clients:
        [
            new ClientRate(new ClientCounters("chat", 10, 10, TimeSpan.Zero, InPass: true) { Interactive = true }, 5, 5, 0, 0, 0),
            new ClientRate(new ClientCounters("Sailor", 40, 4_000, TimeSpan.FromSeconds(65), InPass: false), 20, 2_000, 5, 0.25, 0.1),
        ]);

        var rows = card.FindAll("[data-testid=executor-client]");
        Assert.Null(rows[0].QuerySelector("a"));
        Assert.Equal("/runs/r1", rows[1].QuerySelector("a")!.GetAttribute("href"));
        Assert.Equal(["width: 25%", "width: 10%"], rows[1].QuerySelectorAll(".studio-bar > span").Select(part => part.GetAttribute("style")));
        Assert.Equal("Held off by chats 25 % of the time, waiting for batch-mates 10 %", rows[1].QuerySelector("[role=img]")!.GetAttribute("aria-label"));
        Assert.Equal("25 %", rows[1].QuerySelector("[data-label=Shared]")!.TextContent);
        Assert.Equal("1 min 05 s", rows[1].QuerySelector("[data-label='Waited in all']")!.TextContent);
    }

    [Fact]
    public async Task Policy_Chosen_IsSetAndShownAtOnce()
    {
        Executors = [View(0)];
        Services.AddSingleton<TimeProvider>(new TestTimeProvider());
        var panel = Render<ExecutorPanel>();

        Executors = [View(0) with { Policy = BatchingPolicy.None }];
        await panel.Find("[data-testid=executor-policy]").ChangeAsync(new() { Value = "None" });

        Assert.Equal([$"policy {TestModelService.ModelId} None"], Models.Calls);
        Assert.Equal("None", panel.Find("[data-testid=executor-policy] option[selected]").TextContent);
        Assert.StartsWith("Every call is computed alone", panel.Find("[data-testid=executor-policy-text]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policy_Refused_SaysWhy()
    {
        Models.PolicyRefusal = new StudioException("The disk is full.");
        var card = RenderCard();

        await card.Find("[data-testid=executor-policy]").ChangeAsync(new() { Value = "None" });

        Assert.Contains("The disk is full.", Services.GetRequiredService<ISnackbar>().ShownSnackbars.Single().Message, StringComparison.Ordinal);
    }

    private static string Text(IRenderedComponent<ExecutorCard> card, string id) => card.Find($"[data-testid={id}]").TextContent;

    private static ExecutorView View(double peak) =>
        new(TestModelService.ModelId, "starter", BatchingPolicy.Opportunistic, new ExecutorCounters(0, 0, 0, 0, TimeSpan.Zero, []), peak);

    private IRenderedComponent<ExecutorCard> RenderCard(double peak = 0, ExecutorRate? rate = null, SizeHistogram? rows = null, IReadOnlyList<ClientRate>? clients = null) =>
        Render<ExecutorCard>(p => p.Add(c => c.View, View(peak)).Add(c => c.Recent, new ExecutorWindow(rate ?? ExecutorRate.Zero, SizeHistogram.Empty, rows ?? SizeHistogram.Empty, clients ?? [])));
}
