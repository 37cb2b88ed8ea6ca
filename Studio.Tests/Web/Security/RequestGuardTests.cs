using System.Net;

namespace Studio.Tests.Web.Security;

public sealed class RequestGuardTests : IAsyncLifetime
{
    private RunningStudio _studio = null!;

    public async ValueTask InitializeAsync() => _studio = await RunningStudio.StartAsync();

    public ValueTask DisposeAsync() => _studio.DisposeAsync();

    public static TheoryData<string> Paths => ["/", "/css/studio.css", "/api/runs", "/_blazor/negotiate?negotiateVersion=1", "/_blazor?id=x", "/hubs/telemetry/negotiate"];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Host_OfAnotherName_IsRefusedEverywhere(string path) =>
        await AssertRefusedAsync(HttpStatusCode.BadRequest, "Host is", path, host: $"rebound.example.com:{_studio.Address.Port}");

    [Theory]
    [InlineData("127.0.0.1:1")]
    [InlineData("localhost")]
    [InlineData("127.0.0.1.example.com:{port}")]
    [InlineData("10.0.0.1:{port}")]
    public async Task Host_OfAnotherPortOrMachine_IsRefused(string host) =>
        await AssertRefusedAsync(HttpStatusCode.BadRequest, "Host is", "/", host.Replace("{port}", $"{_studio.Address.Port}", StringComparison.Ordinal));

    [Theory]
    [InlineData("localhost:{port}")]
    [InlineData("127.0.0.1:{port}")]
    [InlineData("[::1]:{port}")]
    public async Task Host_OfThisMachineAndPort_Passes(string host)
    {
        using var response = await SendAsync("/", host.Replace("{port}", $"{_studio.Address.Port}", StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Origin_OfAnotherSite_IsRefusedEverywhere(string path) =>
        await AssertRefusedAsync(HttpStatusCode.Forbidden, "Origin is", path, headers: ("Origin", "https://example.com"), method: HttpMethod.Post);

    [Theory]
    [InlineData("null")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("http://localhost:{port}")]
    [InlineData("https://127.0.0.1:{port}")]
    public async Task Origin_ThatIsNotExactlyOurs_IsRefused(string origin) =>
        await AssertRefusedAsync(HttpStatusCode.Forbidden, "Origin is", "/",
            headers: ("Origin", origin.Replace("{port}", $"{_studio.Address.Port}", StringComparison.Ordinal)));

    [Fact]
    public async Task Origin_Ours_PassesOnTheCircuit()
    {
        using var response = await SendAsync("/_blazor/negotiate?negotiateVersion=1", method: HttpMethod.Post,
            headers: ("Origin", _studio.Address.GetLeftPart(UriPartial.Authority)));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task WebSocket_OfAnotherSite_IsRefused()
    {
        using var socket = new System.Net.WebSockets.ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", "https://example.com");
        socket.Options.CollectHttpResponseDetails = true;
        var address = new UriBuilder(_studio.Address) { Scheme = "ws", Path = "/_blazor" }.Uri;

        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => socket.ConnectAsync(address, TestContext.Current.CancellationToken));

        Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);
    }

    [Theory]
    [InlineData("cross-site", "no-cors", "image")]
    [InlineData("same-site", "cors", "empty")]
    [InlineData("cross-site", "navigate", "iframe")]
    public async Task FetchSite_OfAnotherPage_IsRefused(string site, string mode, string destination)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("Sec-Fetch-Site", site);
        request.Headers.Add("Sec-Fetch-Mode", mode);
        request.Headers.Add("Sec-Fetch-Dest", destination);

        using var response = await _studio.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task FetchSite_LinkOnAnotherPage_OpensThePage()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        request.Headers.Add("Sec-Fetch-Mode", "navigate");
        request.Headers.Add("Sec-Fetch-Dest", "document");

        using var response = await _studio.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/css/studio.css")]
    [InlineData("/no-such-page")]
    public async Task Headers_EveryResponse_CarriesThem(string path)
    {
        using var response = await SendAsync(path);

        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
    }

    private async Task AssertRefusedAsync(
        HttpStatusCode status, string reason, string path, string? host = null, (string Name, string Value)? headers = null, HttpMethod? method = null)
    {
        using var response = await SendAsync(path, host, headers, method);

        Assert.Equal(status, response.StatusCode);
        Assert.StartsWith(reason, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> SendAsync(string path, string? host = null, (string Name, string Value)? headers = null, HttpMethod? method = null)
    {
        var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        request.Headers.Host = host;
        if (headers is var (name, value))
            request.Headers.Add(name, value);
        return _studio.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
