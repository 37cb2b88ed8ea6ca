using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.SignalR.Client;
using Studio.Tests.Web.Hubs;

namespace Studio.Tests.Web.Api;

public sealed class ApiStoryTests(StudioFixture fixture) : IClassFixture<StudioFixture>
{
    private readonly RunningStudio _studio = fixture.Studio;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Story_UploadTrainFollowChatDelete_WorksFromOutside()
    {
        var upload = await _studio.UploadAsync("Sailor", ApiClient.Rows + "{\"messages\":7}\n");
        string dataset = upload["dataset"]!["id"]!.GetValue<string>();
        Assert.Equal(6, upload["dataset"]!["rows"]!.GetValue<int>());
        Assert.Equal(7, Assert.Single(upload["problems"]!.AsArray())!["line"]!.GetValue<int>());

        await using var hub = await HubClient.ConnectAsync(_studio);
        await hub.Connection.InvokeAsync("JoinRuns", Ct);
        var run = await _studio.PostAsync("/api/runs", $$"""
            {"name":"First mate","datasetId":"{{dataset}}","adapter":{"method":"lora","rank":2,"targets":["q_proj","v_proj"]},
             "training":{"maxSteps":6,"epochs":100,"batchSize":2,"evalFraction":0.2,"evalEverySteps":2,"schedule":"constant","activationCheckpointing":true} }
            """);
        string id = run["id"]!.GetValue<string>(), adapter = run["adapterId"]!.GetValue<string>();
        var heard = await hub.UntilAsync((method, body) => method == "RunChanged" && body["id"]!.GetValue<string>() == id);
        Assert.Equal("First mate", heard[^1].Body["name"]!.GetValue<string>());
        await hub.Connection.InvokeAsync("LeaveRuns", Ct);

        await using var follower = await HubClient.ConnectAsync(_studio);
        await follower.Connection.InvokeAsync("JoinRun", id, null, Ct);
        var messages = await follower.UntilEndedAsync();
        Assert.Equal("finished", messages[^1].Body["state"]!.GetValue<string>());
        Assert.Equal("Points", messages[0].Method);
        Assert.Equal([1, 2, 3, 4, 5, 6], HubClient.Steps(messages, "loss"));
        Assert.Equal([0, 2, 4, 6], HubClient.Steps(messages, "eval_loss"));

        var final = await _studio.GetAsync($"/api/runs/{id}");
        Assert.Equal("finished", final["state"]!.GetValue<string>());
        Assert.Equal(1, final["progress"]!.GetValue<double>());
        Assert.Equal(6, final["step"]!.GetValue<int>());
        Assert.True(final["loss"]!.GetValue<double>() > 0);
        Assert.Equal("constant", final["training"]!["schedule"]!.GetValue<string>());
        Assert.True(final["training"]!["activationCheckpointing"]!.GetValue<bool>());
        Assert.Equal(["q_proj", "v_proj"], final["adapter"]!["targets"]!.AsArray().Select(name => name!.GetValue<string>()));
        Assert.True((await _studio.GetAsync($"/api/adapters/{adapter}"))["trainableParameters"]!.GetValue<long>() > 0);

        await AssertChatsAsync(adapter);

        Assert.Equal(HttpStatusCode.NoContent, await _studio.DeleteAsync($"/api/runs/{id}"));
        await follower.UntilAsync((method, body) => method == "RunRemoved" && body.GetValue<string>() == id);
        Assert.Equal(HttpStatusCode.NoContent, await _studio.DeleteAsync($"/api/adapters/{adapter}"));
        Assert.Equal(HttpStatusCode.NoContent, await _studio.DeleteAsync($"/api/datasets/{dataset}"));
        foreach (string gone in new[] { $"/api/runs/{id}", $"/api/adapters/{adapter}", $"/api/datasets/{dataset}" })
        {
            using var response = await _studio.Client.GetAsync(gone, Ct);
            Assert.Contains("There is no", Assert.Single(await response.FindingsAsync(HttpStatusCode.NotFound)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Upload_Multipart_TakesNameAndFile()
    {
        using var form = new MultipartFormDataContent { { new StringContent("From a form"), "name" }, { new StringContent(ApiClient.Rows), "file", "rows.jsonl" } };

        using var response = await _studio.Client.PostAsync("/api/datasets", form, Ct);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        var stored = await _studio.GetAsync(response.Headers.Location!.ToString());
        Assert.Equal("From a form", stored["dataset"]!["name"]!.GetValue<string>());
        Assert.Equal("rows.jsonl", stored["dataset"]!["fileName"]!.GetValue<string>());
        Assert.Empty(stored["problems"]!.AsArray());
        Assert.Contains(stored["dataset"]!["id"]!.GetValue<string>(), (await _studio.GetAsync("/api/datasets")).AsArray().Select(dataset => dataset!["id"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Run_PausedResumedStopped_AnswersWithTheStateReached()
    {
        string id = (await _studio.StartRunAsync(100_000, "Long"))["id"]!.GetValue<string>();

        Assert.Equal("paused", (await _studio.PostAsync($"/api/runs/{id}/pause"))["state"]!.GetValue<string>());
        using (var early = await _studio.Client.DeleteAsync($"/api/runs/{id}", Ct))
            Assert.Contains("stop it before deleting", Assert.Single(await early.FindingsAsync(HttpStatusCode.Conflict)), StringComparison.Ordinal);
        Assert.Contains((await _studio.PostAsync($"/api/runs/{id}/resume"))["state"]!.GetValue<string>(), new[] { "queued", "running" });
        Assert.Equal("paused", (await _studio.PostAsync($"/api/runs/{id}/pause?now=true"))["state"]!.GetValue<string>());
        Assert.Contains((await _studio.PostAsync($"/api/runs/{id}/resume"))["state"]!.GetValue<string>(), new[] { "queued", "running" });
        Assert.Equal("stopped", (await _studio.PostAsync($"/api/runs/{id}/stop"))["state"]!.GetValue<string>());
        using var late = await _studio.Client.PostAsync($"/api/runs/{id}/pause", null, Ct);
        Assert.Contains("has ended", Assert.Single(await late.FindingsAsync(HttpStatusCode.Conflict)), StringComparison.Ordinal);
        Assert.Contains(id, (await _studio.GetAsync("/api/runs")).AsArray().Select(run => run!["id"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Metrics_AfterACursorOrAStep_ContinueWithoutGapOrRepetition()
    {
        string id = (await _studio.StartRunAsync(4, "Measured"))["id"]!.GetValue<string>();
        await using var hub = await HubClient.ConnectAsync(_studio);
        await hub.Connection.InvokeAsync("JoinRun", id, null, Ct);
        await hub.UntilEndedAsync();

        var all = await _studio.GetAsync($"/api/runs/{id}/metrics?series=loss,eval_loss");
        Assert.Equal(["loss", "eval_loss"], all["series"]!.AsArray().Select(series => series!["name"]!.GetValue<string>()));
        Assert.Equal([1, 2, 3, 4], Steps(all, 0));
        Assert.Equal([0, 2, 4], Steps(all, 1));
        var nothing = await _studio.GetAsync($"/api/runs/{id}/metrics?after={all["cursor"]}&series=loss");
        Assert.Empty(Steps(nothing, 0));
        Assert.False(nothing["series"]![0]!["restarted"]!.GetValue<bool>());
        Assert.Equal([3, 4], Steps(await _studio.GetAsync($"/api/runs/{id}/metrics?after=2&series=loss"), 0));
        // A cursor of another life of the process: everything again, and said so.
        var again = await _studio.GetAsync($"/api/runs/{id}/metrics?after=00000000:loss.1.4&series=loss");
        Assert.True(again["series"]![0]!["restarted"]!.GetValue<bool>());
        Assert.Equal([1, 2, 3, 4], Steps(again, 0));
        Assert.Equal(5, (await _studio.GetAsync($"/api/runs/{id}/metrics"))["series"]!.AsArray().Count);
    }

    [Fact]
    public async Task Adapter_Created_IsListedWithItsSettings()
    {
        var made = await _studio.PostAsync("/api/adapters", """{"name":"Fresh","settings":{"rank":4,"targets":{"names":["q_proj"],"blocks":[0,1]},"method":"lora"},"seed":7}""");

        var listed = (await _studio.GetAsync("/api/adapters")).AsArray().Single(adapter => adapter!["id"]!.GetValue<string>() == made["id"]!.GetValue<string>())!;
        Assert.Equal(4, listed["settings"]!["rank"]!.GetValue<int>());
        Assert.Equal("[0,1]", listed["settings"]!["targets"]!["blocks"]!.ToJsonString());
        Assert.False(listed["inTraining"]!.GetValue<bool>());
        // rank * (in + out) of q_proj 256 x 256, in two blocks
        Assert.Equal(2 * 4 * (256 + 256), listed["trainableParameters"]!.GetValue<long>());
    }

    [Fact]
    public async Task Model_LoadedAgain_IsTheSameOne()
    {
        var model = (await _studio.GetAsync("/api/models"))[0]!;

        using var response = await _studio.SendJsonAsync("/api/models", $$"""{"folder":{{model["folder"]!.ToJsonString()}}}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(model["id"]!.GetValue<string>(), (await _studio.GetAsync($"/api/models/{model["id"]}"))["id"]!.GetValue<string>());
        Assert.Single((await _studio.GetAsync("/api/models")).AsArray());
    }

    private async Task AssertChatsAsync(string adapter)
    {
        const string Question = """[{"role":"user","content":"Say number 3."}]""", Sampling = """{"greedy":true,"maxNewTokens":8}""";
        using var streamed = await _studio.SendJsonAsync("/api/chat", $$"""{"adapterId":"{{adapter}}","messages":{{Question}},"sampling":{{Sampling}}}""");
        var pieces = await streamed.EventsAsync();
        Assert.All(pieces, piece => Assert.Equal(0, piece["pane"]!.GetValue<int>()));
        Assert.All(pieces.SkipLast(1), piece => Assert.Null(piece["finish"]));
        Assert.Contains(pieces[^1]["finish"]!.GetValue<string>(), new[] { "stop", "length" });
        Assert.InRange(pieces[^1]["tokens"]!.GetValue<int>(), 1, 8);
        string text = string.Concat(pieces.Select(piece => piece["text"]!.GetValue<string>()));
        Assert.NotEmpty(text);

        var whole = await _studio.PostAsync("/api/chat", $$"""{"stream":false,"panes":[{"messages":{{Question}}},{"adapterId":"{{adapter}}","messages":{{Question}}}],"sampling":{{Sampling}}}""");
        Assert.Equal([0, 1], whole["answers"]!.AsArray().Select(answer => answer!["pane"]!.GetValue<int>()));
        Assert.All(whole["answers"]!.AsArray(), answer => Assert.Null(answer!["error"]));
        Assert.Equal(text, whole["answers"]![1]!["text"]!.GetValue<string>());
    }

    private static IEnumerable<long> Steps(JsonNode points, int series) => points["series"]![series]!["points"]!.AsArray().Select(point => point!["step"]!.GetValue<long>());
}
