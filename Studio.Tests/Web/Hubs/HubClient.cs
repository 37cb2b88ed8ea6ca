using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.SignalR.Client;

namespace Studio.Tests.Web.Hubs;

/// <summary>An outside client of the telemetry hub that writes down what it is sent, in order.</summary>
internal sealed class HubClient : IAsyncDisposable
{
    private readonly Channel<(string Method, JsonNode Body)> _sent = Channel.CreateUnbounded<(string, JsonNode)>();

    private HubClient(Uri address)
    {
        Connection = new HubConnectionBuilder().WithUrl(new Uri(address, "/hubs/telemetry")).Build();
        Connection.On<string, JsonNode>("Points", (_, batch) => _sent.Writer.TryWrite(("Points", batch)));
        Connection.On<JsonNode>("RunChanged", run => _sent.Writer.TryWrite(("RunChanged", run)));
        Connection.On<JsonNode>("RunRemoved", id => _sent.Writer.TryWrite(("RunRemoved", id)));
    }

    public HubConnection Connection { get; }

    public static async Task<HubClient> ConnectAsync(RunningStudio studio)
    {
        var client = new HubClient(studio.Address);
        await client.Connection.StartAsync(TestContext.Current.CancellationToken);
        return client;
    }

    /// <summary>The next message.</summary>
    public async Task<(string Method, JsonNode Body)> NextAsync() => await _sent.Reader.ReadAsync(TestContext.Current.CancellationToken);

    /// <summary>All messages up to and with the first that fits.</summary>
    public async Task<IReadOnlyList<(string Method, JsonNode Body)>> UntilAsync(Func<string, JsonNode, bool> fits)
    {
        var all = new List<(string Method, JsonNode Body)>();
        do all.Add(await NextAsync());
        while (!fits(all[^1].Method, all[^1].Body));
        return all;
    }

    /// <summary>All messages until a run has ended.</summary>
    public Task<IReadOnlyList<(string Method, JsonNode Body)>> UntilEndedAsync() =>
        UntilAsync((method, body) => method == "RunChanged" && body["state"]!.GetValue<string>() is "finished" or "failed" or "stopped");

    /// <summary>Steps of a series' points in the order of their coming, as a client that follows the contract keeps them.</summary>
    public static IReadOnlyList<long> Steps(IEnumerable<(string Method, JsonNode Body)> messages, string series)
    {
        var steps = new List<long>();
        foreach (var part in messages.Where(message => message.Method == "Points").SelectMany(message => message.Body["series"]!.AsArray()).Where(part => part!["name"]!.GetValue<string>() == series))
        {
            if (part!["restarted"]!.GetValue<bool>()) steps.Clear();
            steps.AddRange(part["points"]!.AsArray().Select(point => point!["step"]!.GetValue<long>()));
        }
        return steps;
    }

    public ValueTask DisposeAsync() => Connection.DisposeAsync();
}
