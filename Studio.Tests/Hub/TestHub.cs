using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Studio.Tests.Support;

namespace Studio.Tests.Hub;

/// <summary>What a request met: where it went and what it carried.</summary>
internal sealed record HubRequest(string Path, string? Authorization, string? Range, string? IfRange);

/// <summary>
/// A server on loopback that behaves like the Hub: descriptions with sizes and checksums, large files on a second server that must never see the token,
/// small ones at once, ranges, entity tags; and whatever fault a test asks for.
/// </summary>
internal sealed class TestHub : IAsyncDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly WebApplication _hub;
    private readonly WebApplication _storage;
    private readonly ConcurrentDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Func<HttpContext, byte[], Task<bool>>>> _faults = new(StringComparer.Ordinal);

    private TestHub(WebApplication hub, WebApplication storage)
    {
        _hub = hub;
        _storage = storage;
        hub.MapGet("/api/{kind}/{owner}/{name}/revision/{revision}", (HttpContext context, string kind, string owner, string name, string revision) => DescribeAsync(context, kind, $"{owner}/{name}", revision));
        hub.MapGet("/{owner}/{name}/resolve/{revision}/{**file}", (HttpContext context, string owner, string name, string file) => ResolveAsync(context, $"{owner}/{name}", file));
        hub.MapGet("/datasets/{owner}/{name}/resolve/{revision}/{**file}", (HttpContext context, string owner, string name, string file) => ResolveAsync(context, $"datasets/{owner}/{name}", file));
        storage.MapGet("/blob/{**key}", (HttpContext context, string key) => SendAsync(context, key, ElsewhereRequests));
    }

    public Uri Address => new(_hub.Urls.Single());

    /// <summary>Requests that the Hub itself met.</summary>
    public ConcurrentQueue<HubRequest> HubRequests { get; } = [];

    /// <summary>Requests that the server of large files met.</summary>
    public ConcurrentQueue<HubRequest> ElsewhereRequests { get; } = [];

    /// <summary>The token that is wanted; null = none.</summary>
    public string? WantedToken { get; set; }

    /// <summary>Head of the card, as JSON.</summary>
    public string Card { get; set; } = "{}";

    /// <summary>Changes the description before it is sent.</summary>
    public Action<JsonObject>? Describing { get; set; }

    /// <summary>Files from this size on lie on the other server.</summary>
    public int LargeFrom { get; set; } = 100_000;

    public static async Task<TestHub> StartAsync()
    {
        var (hub, storage) = (Build(), Build());
        var server = new TestHub(hub, storage);
        await hub.StartAsync();
        await storage.StartAsync();
        return server;
    }

    /// <summary>A server with the starter model as "tests/starter".</summary>
    public static async Task<TestHub> WithStarterAsync()
    {
        var hub = await StartAsync();
        foreach (string file in Directory.EnumerateFiles(Path.Combine(SourceFolder.Root, "models", "starter"))) hub.Put("tests/starter", Path.GetFileName(file), await File.ReadAllBytesAsync(file));
        hub.Put("tests/starter", "pytorch_model.bin", [0x80, 0x02]);
        hub.Put("tests/starter", "training_args.bin", [0x80, 0x02]);
        hub.Put("tests/starter", "evil/setup.py", "import os"u8.ToArray());
        return hub;
    }

    public void Put(string repo, string file, byte[] content) => _files[$"{repo}/{file}"] = content;

    public void Put(string repo, string file, string text) => Put(repo, file, Encoding.UTF8.GetBytes(text));

    public void Remove(string repo, string file) => _files.TryRemove($"{repo}/{file}", out _);

    public byte[] Content(string repo, string file) => _files[$"{repo}/{file}"];

    /// <summary>The next request for a file (or "api/…" description) meets this; it returns whether it has answered.</summary>
    public void Fault(string path, Func<HttpContext, byte[], Task<bool>> fault) => _faults.GetOrAdd(path, _ => []).Enqueue(fault);

    /// <summary>The next request meets a status.</summary>
    public void Status(string path, int status, Action<HttpResponse>? headers = null) => Fault(path, (context, _) =>
    {
        context.Response.StatusCode = status;
        headers?.Invoke(context.Response);
        return Task.FromResult(true);
    });

    /// <summary>The next answer breaks off after so many bytes of its body.</summary>
    public void Drop(string path, int after) => Fault(path, async (context, content) =>
    {
        int offset = OffsetOf(context, content);
        Head(context, content, offset);
        await context.Response.Body.WriteAsync(content.AsMemory(offset, Math.Min(after, content.Length - offset)));
        await context.Response.Body.FlushAsync();
        context.Abort();
        return true;
    });

    /// <summary>The next answer sends so many bytes and then waits.</summary>
    public void Hold(string path, int after, TaskCompletionSource reached, Task until) => Fault(path, async (context, content) =>
    {
        int offset = OffsetOf(context, content);
        Head(context, content, offset);
        await context.Response.Body.WriteAsync(content.AsMemory(offset, Math.Min(after, content.Length - offset)));
        await context.Response.Body.FlushAsync();
        reached.TrySetResult();
        await until.WaitAsync(context.RequestAborted);
        await context.Response.Body.WriteAsync(content.AsMemory(offset + after));
        return true;
    });

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        await _storage.DisposeAsync();
    }

    private static WebApplication Build()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        // Answers that are held back end with the test.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.Zero);
        return builder.Build();
    }

    private async Task DescribeAsync(HttpContext context, string kind, string repo, string revision)
    {
        Note(context, HubRequests);
        if (await FaultedAsync(context, $"api/{repo}", []) || Forbidden(context)) return;
        string prefix = (kind == "datasets" ? "datasets/" : "") + repo + "/";
        var files = _files.Where(file => file.Key.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(file => file.Key, StringComparer.Ordinal).ToList();
        if (files.Count == 0 || revision is not ("main" or Commit))
        {
            context.Response.StatusCode = 404;
            context.Response.Headers["X-Error-Code"] = files.Count == 0 ? "RepoNotFound" : "RevisionNotFound";
            return;
        }
        var siblings = new JsonArray([.. files.Select(file => (JsonNode)Sibling(file.Key[prefix.Length..], file.Value))]);
        var answer = new JsonObject { ["id"] = repo, ["sha"] = Commit, ["siblings"] = siblings, ["cardData"] = JsonNode.Parse(Card) };
        Describing?.Invoke(answer);
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer.ToJsonString());
    }

    private JsonObject Sibling(string name, byte[] content)
    {
        var file = new JsonObject { ["rfilename"] = name, ["size"] = content.Length, ["blobId"] = GitSha1(content) };
        if (content.Length >= LargeFrom) file["lfs"] = new JsonObject { ["sha256"] = Sha256(content), ["size"] = content.Length, ["pointerSize"] = 130 };
        return file;
    }

    private async Task ResolveAsync(HttpContext context, string repo, string file)
    {
        string key = $"{repo}/{file}";
        if (Forbidden(context)) { Note(context, HubRequests); return; }
        if (!_files.TryGetValue(key, out byte[]? content))
        {
            Note(context, HubRequests);
            context.Response.StatusCode = 404;
            context.Response.Headers["X-Error-Code"] = "EntryNotFound";
            return;
        }
        if (content.Length < LargeFrom)
        {
            await SendAsync(context, key, HubRequests);
            return;
        }
        Note(context, HubRequests);
        context.Response.StatusCode = 302;
        context.Response.Headers["X-Linked-ETag"] = $"\"{Sha256(content)}\"";
        context.Response.Headers["X-Linked-Size"] = content.Length.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers.Location = $"{_storage.Urls.Single()}/blob/{key}";
    }

    private async Task SendAsync(HttpContext context, string key, ConcurrentQueue<HubRequest> seen)
    {
        Note(context, seen);
        byte[] content = _files[key];
        if (await FaultedAsync(context, key, content)) return;
        int offset = OffsetOf(context, content);
        Head(context, content, offset);
        await context.Response.Body.WriteAsync(content.AsMemory(offset));
    }

    private async Task<bool> FaultedAsync(HttpContext context, string path, byte[] content) =>
        _faults.TryGetValue(path, out var faults) && faults.TryDequeue(out var fault) && await fault(context, content);

    private bool Forbidden(HttpContext context)
    {
        if (WantedToken is null || context.Request.Headers.Authorization == $"Bearer {WantedToken}") return false;
        context.Response.StatusCode = (int)HttpStatusCode.Unauthorized;
        context.Response.Headers["X-Error-Code"] = context.Request.Headers.Authorization.Count == 0 ? "RepoNotFound" : "";
        return true;
    }

    private static void Head(HttpContext context, byte[] content, int offset)
    {
        context.Response.Headers.ETag = TagOf(content);
        context.Response.ContentLength = content.Length - offset;
        if (offset == 0) return;
        context.Response.StatusCode = 206;
        context.Response.Headers.ContentRange = $"bytes {offset}-{content.Length - 1}/{content.Length}";
    }

    private static int OffsetOf(HttpContext context, byte[] content)
    {
        string range = context.Request.Headers.Range.ToString(), condition = context.Request.Headers.IfRange.ToString();
        if (range.Length == 0 || (condition.Length > 0 && condition != TagOf(content))) return 0;
        return int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
    }

    private static void Note(HttpContext context, ConcurrentQueue<HubRequest> seen)
    {
        var headers = context.Request.Headers;
        seen.Enqueue(new HubRequest(context.Request.Path.Value!, Only(headers.Authorization), Only(headers.Range), Only(headers.IfRange)));
    }

    private static string? Only(Microsoft.Extensions.Primitives.StringValues values) => values.Count == 0 ? null : values.ToString();

    private static string TagOf(byte[] content) => $"\"t-{Sha256(content)[..16]}\"";

    public static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    // As `git hash-object` computes it.
    [SuppressMessage("Security", "CA5350", Justification = "Git names its objects so.")]
    public static string GitSha1(byte[] content) => Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));
}
