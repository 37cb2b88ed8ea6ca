using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Studio.Core.Hub;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Tests.Hub;

namespace Studio.Tests.Web.Api;

/// <summary>Downloads over HTTP, from the request to the model that is loaded.</summary>
public sealed class DownloadApiTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Model_IsDownloadedListedDescribedAndDismissed()
    {
        await using var hub = await TestHub.WithStarterAsync();
        await using var studio = await StartAsync(hub);

        using var answer = await studio.SendJsonAsync("/api/models/downloads", """{"hubId":"tests/starter","token":"hf_secret"}""");
        string text = await answer.Content.ReadAsStringAsync(Ct);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.DoesNotContain("hf_secret", text, StringComparison.Ordinal);
        string id = JsonNode.Parse(text)!["id"]!.GetValue<string>();
        Assert.EndsWith($"/api/models/downloads/{id}", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
        await UntilEndedAsync(studio, id);

        var done = await studio.GetAsync($"/api/models/downloads/{id}");
        Assert.Equal(("finished", TestHub.Commit), ((string?)done["state"], (string?)done["commit"]));
        string model = done["resultId"]!.GetValue<string>();
        Assert.Contains((await studio.GetAsync("/api/models/known")).AsArray(), known => (string?)known!["record"]!["id"] == model);
        Assert.Equal(4, (int?)(await studio.GetAsync($"/api/models/{model}/details"))["architecture"]!["layers"]);
        Assert.Empty((await studio.GetAsync("/api/datasets/downloads")).AsArray());
        Assert.Equal(HttpStatusCode.NotFound, await studio.DeleteAsync($"/api/datasets/downloads/{id}"));
        Assert.Equal(HttpStatusCode.NoContent, await studio.DeleteAsync($"/api/models/downloads/{id}"));
        Assert.Equal(HttpStatusCode.NotFound, await studio.DeleteAsync($"/api/models/downloads/{id}"));
    }

    [Theory]
    [InlineData("{}", "$: missing 'hubId'")]
    [InlineData("{\"hubId\":\"../x\"}", "'../x' is not an id of the Hub")]
    [InlineData("{\"hubId\":\"a/b\",\"revision\":\"a b\"}", "'a b' is not a revision")]
    public async Task Start_BadInput_IsRefused(string body, string finding)
    {
        await using var hub = await TestHub.StartAsync();
        await using var studio = await StartAsync(hub);

        using var answer = await studio.SendJsonAsync("/api/models/downloads", body);

        Assert.StartsWith(finding, Assert.Single(await answer.FindingsAsync(HttpStatusCode.BadRequest)), StringComparison.Ordinal);
        Assert.Empty(hub.HubRequests);
    }

    private static Task<RunningStudio> StartAsync(TestHub hub) => RunningStudio.StartAsync(services =>
        services.Configure<StudioEngineOptions>(options => options.Hub = new HubOptions { Endpoint = hub.Address }));

    private static async Task UntilEndedAsync(RunningStudio studio, string id)
    {
        var downloads = studio.Services.GetRequiredService<IDownloadService>();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        downloads.Changed += Look;
        Look();
        await ended.Task.WaitAsync(Ct);
        downloads.Changed -= Look;

        void Look()
        {
            if (downloads.Downloads.Single(view => view.Record.Id == id).Record.State is DownloadState.Finished or DownloadState.Failed) ended.TrySetResult();
        }
    }
}
