using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Serving;
using Studio.Core.Telemetry;
using Studio.Core.Tensors;
using Studio.Tests.Telemetry;
using Studio.Tests.Web.Doubles;
using Studio.Web.Components.Monitoring;
using Studio.Web.Components.Pages;

namespace Studio.Tests.Web.Components.Pages;

public sealed class MonitorPageTests : EngineTestContext
{
    private readonly TestTimeProvider _clock = new();

    public MonitorPageTests() => Services.AddSingleton<TimeProvider>(_clock);

    [Fact]
    public void Memory_ByOwner_NamesEachTheLargestFirst()
    {
        Runs.Add("a");
        Ledger.Set("a", MemoryCategory.Moments, 2 << 20);
        Ledger.Set("a", MemoryCategory.Activations, 1 << 20);
        Ledger.Set("chat-base", MemoryCategory.KvCache, 1 << 20);
        Telemetry.Clients.Report(new ClientState("chat-base", ClientKind.Chat, "Chats on starter", TestModelService.ModelId, 0, 0, 0, 1 << 20));

        var page = Render<MonitorPage>();

        var rows = page.FindAll("[data-testid=monitor-memory-row]");
        Assert.Equal(["starter", "a run", "Chats on starter"], rows.Select(row => row.QuerySelector("td")!.TextContent.Trim()));
        Assert.Equal(["Base model", "Fine-tune", "Chats"], rows.Select(row => row.QuerySelectorAll("td")[1].TextContent));
        Assert.Equal("3.00 MiB", rows[1].QuerySelectorAll("td")[3].TextContent);
        Assert.Equal(2, rows[1].QuerySelectorAll(".studio-bar > span").Length);
        Assert.Equal("/runs/a", rows[1].QuerySelector("a")!.GetAttribute("href"));
        Assert.Contains("KV caches 1.00 MiB", page.Find("[data-testid=monitor-memory-legend]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_KeptWhileNobodyChats_BelongsToTheChatsOnItsModel()
    {
        Ledger.Set(ClientState.ChatsOn(TestModelService.ModelId), MemoryCategory.KvCache, 1 << 20);

        var cells = Render<MonitorPage>().FindAll("[data-testid=monitor-memory-row]")[1].QuerySelectorAll("td");

        Assert.Equal(("Chats on starter", "Chats"), (cells[0].TextContent.Trim(), cells[1].TextContent));
    }

    [Fact]
    public void Memory_OwnerComes_IsThereAtTheNextTick()
    {
        var panel = Render<MemoryPanel>();
        Assert.Single(panel.FindAll("[data-testid=monitor-memory-row]"));

        Ledger.Set("a", MemoryCategory.Adapter, 5);
        _clock.Advance(TimeSpan.FromSeconds(1));

        panel.WaitForAssertion(() => Assert.Equal(2, panel.FindAll("[data-testid=monitor-memory-row]").Count));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Memory_Gpu_IsShownWhereThereIsOne(bool hasGpu)
    {
        Gpu = hasGpu ? new GpuMemoryReading("Test GPU", 8L << 30, 2L << 30, 6L << 30) : null;

        Assert.Equal(hasGpu, Render<MonitorPage>().Find("[data-testid=monitor-memory]").TextContent.Contains("Test GPU", StringComparison.Ordinal));
    }

    [Fact]
    public void Executor_ShowsTotalsRatesAndClients()
    {
        Executors = [View(1_000)];
        var page = Render<ExecutorPanel>();
        Assert.Equal("1,000", page.Find("[data-testid=executor-calls]").TextContent);
        Assert.Equal("Lockstep", page.Find("[data-testid=executor-policy] option[selected]").TextContent);
        Assert.StartsWith("Calls wait, up to 50 ms", page.Find("[data-testid=executor-policy-text]").TextContent, StringComparison.Ordinal);

        Executors = [View(1_300)];
        _clock.Advance(TimeSpan.FromSeconds(1));

        page.WaitForAssertion(() => Assert.Equal("1,300", page.Find("[data-testid=executor-calls]").TextContent));
        Assert.Equal(["300 /s", "3.00 k /s", "150 /s", "0 /s", "2.00 now", "0.30 threads"], page.FindAll(".studio-rate").Select(rate => rate.TextContent));
        Assert.Contains("In a pass", page.Find("[data-testid=executor-client]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Clients_ComeAndGo()
    {
        var panel = Render<ClientsPanel>();
        Assert.NotEmpty(panel.FindAll("[data-testid=monitor-no-clients]"));

        Telemetry.Clients.Report(new ClientState("a", ClientKind.Run, "a run", TestModelService.ModelId, 1 << 20, 2 << 20, 1 << 20, 0));
        _clock.Advance(TimeSpan.FromSeconds(1));

        panel.WaitForAssertion(() => Assert.NotEmpty(panel.FindAll("[data-testid=monitor-client]")));
        var client = panel.Find("[data-testid=monitor-client]");
        Assert.Equal("4.00 MiB", client.QuerySelector("[data-label=Holds]")!.TextContent);
        Assert.Equal("starter", client.QuerySelector("[data-label='Base model']")!.TextContent);
        Assert.Equal("/runs/a", client.QuerySelector("a")!.GetAttribute("href"));
    }

    [Fact]
    public void Events_OfAllRuns_AppearAsTheyHappen()
    {
        Runs.Add("a");
        Runs.Add("b");
        Telemetry.Log.Append("a", LogLevel.Information, "began");
        var page = Render<MonitorPage>();

        Telemetry.Log.Append("b", LogLevel.Error, "broke");

        page.WaitForAssertion(() => Assert.Equal(["began", "broke"], page.FindAll("[data-testid=monitor-event] span").Select(text => text.TextContent)));
        Assert.NotEmpty(page.FindAll(".studio-log-error"));
    }

    [Fact]
    public void Ticks_RenderNeitherThePageNorItsChart()
    {
        Executors = [View(1)];
        var page = Render<MonitorPage>();
        var (chart, panel) = (page.FindComponent<MemoryChart>(), page.FindComponent<MemoryPanel>());
        var (chartBefore, panelBefore) = (chart.RenderCount, panel.RenderCount);

        _clock.Advance(TimeSpan.FromSeconds(1));

        panel.WaitForAssertion(() => Assert.True(panel.RenderCount > panelBefore));
        Assert.Equal(chartBefore, chart.RenderCount);
    }

    private static ExecutorView View(long calls) => new(TestModelService.ModelId, "starter", BatchingPolicy.Lockstep,
        new ExecutorCounters(calls, calls / 2, calls * 10, 0, TimeSpan.FromMilliseconds(calls), [new ClientCounters("a run", calls, calls * 10, TimeSpan.FromSeconds(2), InPass: true)]));
}
