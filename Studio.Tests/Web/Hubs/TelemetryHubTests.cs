using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Studio.Tests.Web.Api;
using Studio.Web.Hubs;

namespace Studio.Tests.Web.Hubs;

public sealed class TelemetryHubTests(StudioFixture fixture) : IClassFixture<StudioFixture>
{
    private readonly RunningStudio _studio = fixture.Studio;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task JoinRun_AfterTheCursorOfALostConnection_GetsTheRestOnce()
    {
        string id = (await _studio.StartRunAsync(10, "Interrupted"))["id"]!.GetValue<string>();
        var first = await HubClient.ConnectAsync(_studio);
        await first.Connection.InvokeAsync("JoinRun", id, null, Ct);
        var before = await first.UntilAsync((method, body) => method == "Points" && HubClient.Steps([(method, body)], "loss").Count > 0);
        string cursor = before[^1].Body["cursor"]!.GetValue<string>();
        await first.DisposeAsync();

        await using var second = await HubClient.ConnectAsync(_studio);
        await second.Connection.InvokeAsync("JoinRun", id, cursor, Ct);
        var after = await second.UntilEndedAsync();

        Assert.Equal(Enumerable.Range(1, 10).Select(step => (long)step), HubClient.Steps([.. before, .. after], "loss"));
        Assert.Equal(Enumerable.Range(0, 6).Select(step => 2L * step), HubClient.Steps([.. before, .. after], "eval_loss"));
    }

    [Fact]
    public async Task JoinRun_Ended_SendsEverythingBeforeTheCallCompletes()
    {
        string id = (await _studio.StartRunAsync(2, "Ended"))["id"]!.GetValue<string>();
        await using (var watcher = await HubClient.ConnectAsync(_studio))
        {
            await watcher.Connection.InvokeAsync("JoinRun", id, null, Ct);
            await watcher.UntilEndedAsync();
        }
        await using var client = await HubClient.ConnectAsync(_studio);

        await client.Connection.InvokeAsync("JoinRun", id, null, Ct);

        var points = await client.NextAsync();
        Assert.Equal("Points", points.Method);
        Assert.Equal([1, 2], HubClient.Steps([points], "loss"));
        var run = await client.NextAsync();
        Assert.Equal(("RunChanged", "finished"), (run.Method, run.Body["state"]!.GetValue<string>()));
    }

    [Fact]
    public async Task JoinRuns_SendsAllRunsAndThenChangesAndRemovals()
    {
        string id = (await _studio.StartRunAsync(2, "Listed"))["id"]!.GetValue<string>();
        await using var client = await HubClient.ConnectAsync(_studio);

        await client.Connection.InvokeAsync("JoinRuns", Ct);
        await client.UntilAsync((method, body) => method == "RunChanged" && body["id"]!.GetValue<string>() == id && body["state"]!.GetValue<string>() == "finished");
        Assert.Equal(HttpStatusCode.NoContent, await _studio.DeleteAsync($"/api/runs/{id}"));

        await client.UntilAsync((method, body) => method == "RunRemoved" && body.GetValue<string>() == id);
    }

    [Theory]
    [InlineData("nowhere", null, "There is no run 'nowhere'.")]
    [InlineData(null, null, "There is no run ''.")]
    public async Task JoinRun_Unknown_IsRefusedByName(string? id, string? after, string message)
    {
        await using var client = await HubClient.ConnectAsync(_studio);

        var error = await Assert.ThrowsAsync<HubException>(() => client.Connection.InvokeAsync("JoinRun", id, after, Ct));

        Assert.EndsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task JoinRun_AfterNonsense_IsRefused()
    {
        string id = (await _studio.StartRunAsync(1, "Nonsense"))["id"]!.GetValue<string>();
        await using var client = await HubClient.ConnectAsync(_studio);

        var error = await Assert.ThrowsAsync<HubException>(() => client.Connection.InvokeAsync("JoinRun", id, "yesterday", Ct));

        Assert.EndsWith("'after' is 'yesterday'; expected a cursor of an earlier answer, or an optimizer step.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WebSocket_OfAnotherSite_IsRefused()
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", "https://example.com");
        socket.Options.CollectHttpResponseDetails = true;
        var address = new UriBuilder(_studio.Address) { Scheme = "ws", Path = TelemetryHub.Path }.Uri;

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(address, Ct));

        Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);
    }

    [Fact]
    public async Task WebSocket_UnderAnotherName_IsRefused()
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Host", $"rebound.example.com:{_studio.Address.Port}");
        socket.Options.CollectHttpResponseDetails = true;
        var address = new UriBuilder(_studio.Address) { Scheme = "ws", Path = TelemetryHub.Path }.Uri;

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(address, Ct));

        Assert.Equal(HttpStatusCode.BadRequest, socket.HttpStatusCode);
    }

    [Fact]
    public async Task Disconnect_ForgetsTheConnection()
    {
        var departure = new Departure();
        await using var own = await RunningStudio.StartAsync(services => services.Configure<HubOptions<TelemetryHub>>(options => options.AddFilter(departure)));
        var broadcaster = own.Services.GetRequiredService<TelemetryBroadcaster>();
        var client = await HubClient.ConnectAsync(own);
        await client.Connection.InvokeAsync("JoinRuns", Ct);
        Assert.Equal(1, broadcaster.Connections);

        await client.DisposeAsync();

        await departure.Done.WaitAsync(Ct);
        Assert.Equal(0, broadcaster.Connections);
    }

    /// <summary>Tells when the hub has dealt with a connection's end.</summary>
    private sealed class Departure : IHubFilter
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Done => _done.Task;

        public async Task OnDisconnectedAsync(HubLifetimeContext context, Exception? exception, Func<HubLifetimeContext, Exception?, Task> next)
        {
            await next(context, exception);
            _done.SetResult();
        }
    }
}
