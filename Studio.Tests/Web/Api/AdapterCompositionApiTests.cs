using System.Net;
using System.Text.Json.Nodes;

namespace Studio.Tests.Web.Api;

public sealed class AdapterCompositionApiTests
{
    [Fact]
    public async Task Combine_TwoAdapters_AnswersTheNewOneAndTheDifference()
    {
        await using var studio = await RunningStudio.StartAsync();
        string[] ids = [await CreateAsync(studio, "One"), await CreateAsync(studio, "Two")];
        var combined = await studio.PostAsync("/api/adapters/combine",
            $$"""{"name":"Both","kind":"svd","rank":4,"adapters":[{"adapterId":"{{ids[0]}}","weight":0.5},{"adapterId":"{{ids[1]}}"}]}""");
        Assert.Equal("Both", combined["adapter"]!["name"]!.GetValue<string>());
        Assert.Equal(0, combined["difference"]!["largest"]!.GetValue<double>(), 0.05);
        Assert.Equal(3, (await studio.GetAsync("/api/adapters")).AsArray().Count);
    }

    [Theory]
    [InlineData("""{"adapters":[]}""", "The name is empty")]
    [InlineData("""{"name":"x"}""", "$.adapters: missing")]
    [InlineData("""{"name":"x","adapters":[]}""", "The blend has 0 adapters")]
    [InlineData("""{"name":"x","kind":"mean","adapters":[]}""", "$.kind: the value is not one of concatenate, svd")]
    public async Task Combine_WrongBody_IsRefusedInWords(string body, string finding)
    {
        await using var studio = await RunningStudio.StartAsync();
        using var response = await studio.SendJsonAsync("/api/adapters/combine", body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        string said = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!.ToJsonString(new System.Text.Json.JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        Assert.True(said.Contains(finding, StringComparison.Ordinal), said);
    }

    [Fact]
    public async Task Merge_Adapter_BecomesAKnownModel()
    {
        await using var studio = await RunningStudio.StartAsync();
        var merged = await studio.PostAsync($"/api/adapters/{await CreateAsync(studio, "One", ",\"initialisation\":\"false\"")}/merge", """{"name":"Merged"}""");
        Assert.Equal("Merged", merged["name"]!.GetValue<string>());
        Assert.True(Directory.Exists(merged["folder"]!.GetValue<string>()));
        Assert.InRange(merged["difference"]!["relative"]!.GetValue<double>(), 0, 0.3);
        var details = await studio.GetAsync($"/api/models/{merged["modelId"]!.GetValue<string>()}/details");
        Assert.NotNull(details);
    }

    [Fact]
    public async Task Export_SaysHowFarItsFilesAreFromTheAdapter()
    {
        await using var studio = await RunningStudio.StartAsync();
        using var response = await studio.Client.GetAsync($"/api/adapters/{await CreateAsync(studio, "One")}/export", TestContext.Current.CancellationToken);
        Assert.Equal("0", Assert.Single(response.Headers.GetValues("Studio-Largest-Difference")));
    }

    [Fact]
    public async Task Chat_ABlend_AnswersAndAWrongOneIsRefused()
    {
        await using var studio = await RunningStudio.StartAsync();
        string id = await CreateAsync(studio, "One");
        var answers = await studio.PostAsync("/api/chat", $$$"""{"stream":false,"sampling":{"maxNewTokens":4},"panes":[{"messages":[{"role":"user","content":"Hi"}],"blend":{"baseShare":1,"adapters":[{"adapterId":"{{{id}}}","weight":0.5}]}}]}""");
        Assert.True(answers["answers"]![0]!["tokens"]!.GetValue<int>() > 0);
        using var response = await studio.SendJsonAsync("/api/chat", $$$"""{"panes":[{"messages":[{"role":"user","content":"Hi"}],"adapterId":"{{{id}}}","blend":{"adapters":[]}}]}""");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    private static async Task<string> CreateAsync(RunningStudio studio, string name, string more = "") =>
        (await studio.PostAsync("/api/adapters", $$$"""{"name":"{{{name}}}","settings":{"method":"lora","rank":2{{{more}}} }}"""))["id"]!.GetValue<string>();
}
