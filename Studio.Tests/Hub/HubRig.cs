using System.Collections.Concurrent;
using Studio.Core.Hub;
using Studio.Tests.Storage;

namespace Studio.Tests.Hub;

/// <summary>A client of a test's own Hub, with a folder, a clock that does not wait, and a disk that may be full.</summary>
internal sealed class HubRig : IAsyncDisposable
{
    private readonly TestDirectory _folder = new();

    private HubRig(TestHub server, string? token)
    {
        Server = server;
        Options = new HubOptions { Endpoint = new Uri(server.Address, "/"), Token = token, Silence = TimeSpan.FromSeconds(30) };
        Client = NewClient();
    }

    public TestHub Server { get; }

    public HubOptions Options { get; }

    public HubClient Client { get; }

    public TestDisk Disk { get; } = new();

    /// <summary>Pauses that were asked for.</summary>
    public ConcurrentQueue<TimeSpan> Pauses { get; } = [];

    public HubProgress Progress { get; } = new();

    public string Stage => _folder.File("stage");

    public string Target => _folder.File("model");

    public static async Task<HubRig> CreateAsync(string? token = null) => new(await TestHub.WithStarterAsync(), token);

    /// <summary>A client as another process would make it.</summary>
    public HubClient NewClient(HubOptions? options = null) => new(options ?? Options, Disk, (pause, ct) =>
    {
        Pauses.Enqueue(pause);
        return Task.CompletedTask.WaitAsync(ct);
    });

    /// <summary>Downloads "tests/starter" whole.</summary>
    public async Task DownloadAsync(HubClient? client = null, string? token = null, Action<string>? inspect = null, HubProgress? progress = null, CancellationToken ct = default)
    {
        client ??= Client;
        var info = await client.DescribeAsync(HubRepo.Parse(HubRepoKind.Model, "tests/starter", null), token, ct);
        await new ModelDownload(client).RunAsync(info, Stage, Target, token, inspect ?? (_ => { }), progress ?? Progress, ct);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>A disk whose room a test decides.</summary>
internal sealed class TestDisk : HubDisk
{
    /// <summary>Free bytes that it states.</summary>
    public long Free { get; set; } = long.MaxValue;

    /// <summary>Bytes after which a write fails as on a full disk; null = never.</summary>
    public long? FullAfter { get; set; }

    public override long FreeBytes(string folder) => Free;

    public override Stream OpenPart(string path) => FullAfter is { } limit ? new FullStream(path, limit) : base.OpenPart(path);

    private sealed class FullStream(string path, long limit) : FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0)
    {
        // What .NET throws on Linux for ENOSPC.
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            Length + buffer.Length > limit ? throw new IOException("No space left on device", 28) : base.WriteAsync(buffer, cancellationToken);
    }
}
