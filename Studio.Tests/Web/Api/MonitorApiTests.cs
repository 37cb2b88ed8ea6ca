using System.Net;
using System.Text.Json.Nodes;

namespace Studio.Tests.Web.Api;

public sealed class MonitorApiTests(StudioFixture fixture) : IClassFixture<StudioFixture>
{
    private readonly RunningStudio _studio = fixture.Studio;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Executors_WhileARunTrainsAndAChatAnswers_CountTheirWork()
    {
        string run = (await _studio.StartRunAsync(100_000, "Busy"))["id"]!.GetValue<string>();
        var before = await UntilAsync(executor => Client(executor, "Busy") is { } client && client["calls"]!.GetValue<long>() > 0);

        await _studio.PostAsync("/api/chat", """{"stream":false,"messages":[{"role":"user","content":"Hello"}],"sampling":{"greedy":true,"maxNewTokens":4}}""");
        var after = await UntilAsync(executor => executor["calls"]!.GetValue<long>() > before["calls"]!.GetValue<long>());

        Assert.True(after["operations"]!.GetValue<double>() > before["operations"]!.GetValue<double>());
        Assert.True(after["peakOperationsPerSecond"]!.GetValue<double>() > 0);
        Assert.Equal(after["products"]!.GetValue<long>(), after["requestsPerProduct"]!.AsArray().Sum(size => size!["count"]!.GetValue<long>()));
        Assert.Equal(after["products"]!.GetValue<long>(), after["rowsPerProduct"]!.AsArray().Sum(size => size!["count"]!.GetValue<long>()));
        Assert.All(after["rowsPerProduct"]!.AsArray(), size => Assert.True(size!["from"]!.GetValue<long>() <= size["to"]!.GetValue<long>()));
        Assert.False(Client(after, "Busy")!["interactive"]!.GetValue<bool>());
        Assert.True(Client(after, "chat")!["interactive"]!.GetValue<bool>());
        Assert.True(Client(after, "chat")!["calls"]!.GetValue<long>() > 0);
        Assert.True(Client(after, "Busy")!["heldOffSeconds"]!.GetValue<double>() >= 0);

        // After its first step it has moments.
        while (!(await _studio.GetAsync("/api/monitor/memory"))["owners"]!.AsArray()
            .Any(entry => (string?)entry!["owner"] == run && (string?)entry["category"] == "moments" && entry["bytes"]!.GetValue<long>() > 0)) Ct.ThrowIfCancellationRequested();
        await _studio.PostAsync($"/api/runs/{run}/stop");
    }

    [Fact]
    public async Task Memory_AtRest_OwnersAndRestAddUp()
    {
        var memory = await _studio.GetAsync("/api/monitor/memory");
        long Bytes(string name) => memory[name]!.GetValue<long>();

        Assert.Equal(Bytes("accountedBytes"), memory["owners"]!.AsArray().Sum(entry => entry!["bytes"]!.GetValue<long>()));
        Assert.Equal(Bytes("residentBytes"), Bytes("accountedBytes") + Bytes("restBytes"));
        Assert.InRange(Bytes("residentBytes"), 1, Bytes("peakResidentBytes"));
        string model = (await _studio.GetAsync("/api/models"))[0]!["id"]!.GetValue<string>();
        Assert.Contains(memory["owners"]!.AsArray(), entry => (string?)entry!["owner"] == model && (string?)entry["category"] == "base");
    }

    [Fact]
    public async Task Policy_Chosen_ActsAndIsAnswered()
    {
        string model = (await _studio.GetAsync("/api/models"))[0]!["id"]!.GetValue<string>();

        Assert.Equal("none", (string?)(await _studio.PostAsync($"/api/models/{model}/policy", """{"policy":"none"}"""))["policy"]);
        Assert.Equal("none", (string?)(await _studio.GetAsync("/api/monitor/executors"))[0]!["policy"]);
        Assert.Equal("opportunistic", (string?)(await _studio.PostAsync($"/api/models/{model}/policy", """{"policy":"opportunistic"}"""))["policy"]);
    }

    [Theory]
    [InlineData("{}", HttpStatusCode.BadRequest, "$: missing 'policy'; expected none, opportunistic or lockstep.")]
    [InlineData("""{"policy":"fast"}""", HttpStatusCode.BadRequest, "$.policy")]
    [InlineData("""{"policy":1}""", HttpStatusCode.BadRequest, "$.policy")]
    [InlineData("""{"policy":"none"}""", HttpStatusCode.NotFound, "There is no loaded model 'gone'")]
    public async Task Policy_BadInput_IsRefused(string body, HttpStatusCode status, string finding)
    {
        string model = status == HttpStatusCode.NotFound ? "gone" : (await _studio.GetAsync("/api/models"))[0]!["id"]!.GetValue<string>();

        using var answer = await _studio.SendJsonAsync($"/api/models/{model}/policy", body);

        Assert.StartsWith(finding, Assert.Single(await answer.FindingsAsync(status)), StringComparison.Ordinal);
    }

    private static JsonNode? Client(JsonNode executor, string name) => executor["clients"]!.AsArray().FirstOrDefault(client => (string?)client!["name"] == name);

    private async Task<JsonNode> UntilAsync(Func<JsonNode, bool> holds)
    {
        while (true)
        {
            Ct.ThrowIfCancellationRequested();
            var executor = (await _studio.GetAsync("/api/monitor/executors"))[0]!;
            if (holds(executor)) return executor;
            await Task.Yield();
        }
    }
}
