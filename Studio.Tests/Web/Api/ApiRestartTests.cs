using Microsoft.AspNetCore.SignalR.Client;
using Studio.Tests.Web.Hubs;

namespace Studio.Tests.Web.Api;

public sealed class ApiRestartTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_OfAnEarlierLife_HasAllItsPointsInTheFirstAnswer()
    {
        var data = Directory.CreateTempSubdirectory("studio-");
        string directory = $"--Studio:DataDirectory={data.FullName}", id, cursor;
        await using (var earlier = await RunningStudio.StartAsync(directory))
        {
            id = (await earlier.StartRunAsync(2, "Kept"))["id"]!.GetValue<string>();
            await using var client = await HubClient.ConnectAsync(earlier);
            await client.Connection.InvokeAsync("JoinRun", id, null, Ct);
            await client.UntilEndedAsync();
            cursor = (await earlier.GetAsync($"/api/runs/{id}/metrics"))["cursor"]!.GetValue<string>();
        }
        await using (var later = await RunningStudio.StartAsync(directory))
        {
            var loss = (await later.GetAsync($"/api/runs/{id}/metrics?series=loss&after={cursor}"))["series"]![0]!;
            Assert.True(loss["restarted"]!.GetValue<bool>());
            Assert.Equal([1, 2], loss["points"]!.AsArray().Select(point => point!["step"]!.GetValue<int>()));

            await using var client = await HubClient.ConnectAsync(later);
            await client.Connection.InvokeAsync("JoinRun", id, cursor, Ct);
            var points = await client.NextAsync();
            Assert.Equal([1, 2], HubClient.Steps([points], "loss"));
            Assert.Equal([0, 2], HubClient.Steps([points], "eval_loss"));
        }
        data.Delete(recursive: true);
    }
}
