using System.Text.Json;

namespace Studio.Core.Hub;

/// <summary>The Hugging Face Hub, or a server that behaves like it: descriptions of repositories, and their files.</summary>
public sealed class HubClient : IDisposable
{
    private const int LargestAnswer = 64 << 20;

    private readonly HubHttp _http;
    private readonly HubDisk _disk;
    private readonly Func<TimeSpan, CancellationToken, Task> _pause;

    /// <summary>Creates a client.</summary>
    public HubClient(HubOptions options)
        : this(options, new HubDisk(), Task.Delay)
    {
    }

    /// <summary>Creates a client with the disk and the clock of a test.</summary>
    internal HubClient(HubOptions options, HubDisk disk, Func<TimeSpan, CancellationToken, Task> pause)
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options;
        _http = new HubHttp(options);
        _disk = disk;
        _pause = pause;
    }

    /// <summary>Where it asks.</summary>
    public HubOptions Options { get; }

    /// <summary>Describes a repository at a revision.</summary>
    /// <param name="repo">The repository.</param>
    /// <param name="token">Token; null = that of the options.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="HubException">There is none, it may not be read, or the Hub cannot be reached.</exception>
    public async Task<HubRepoInfo> DescribeAsync(HubRepo repo, string? token = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(repo);
        return await Retry().RunAsync(async () =>
        {
            using var answer = await _http.GetAsync(repo.InfoPath, repo, token, 0, null, ct).ConfigureAwait(false);
            using var document = await ReadJsonAsync(answer.Response, repo, ct).ConfigureAwait(false);
            return HubRepoInfo.Read(repo, document.RootElement);
        }, ct).ConfigureAwait(false);
    }

    /// <summary>Brings files into a folder, going on with what an earlier time left there. Each is checked before it gets its name.</summary>
    /// <param name="repo">Repository at a commit.</param>
    /// <param name="files">The files.</param>
    /// <param name="folder">The folder; created where needed.</param>
    /// <param name="token">Token; null = that of the options.</param>
    /// <param name="progress">Receives how far it is.</param>
    /// <param name="ct">Cancels; what has arrived stays.</param>
    /// <exception cref="HubException">Something cannot be brought; the message says what and why.</exception>
    public async Task DownloadAsync(HubRepo repo, IReadOnlyList<HubFile> files, string folder, string? token, HubProgress progress, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(repo);
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(progress);
        var targets = files.Select(file => (File: Checkable(repo, file), Path: HubFileName.PathOf(folder, file.Name))).ToList();
        Directory.CreateDirectory(folder);
        _disk.Require(folder, targets.Sum(target => HubFileDownload.IsComplete(target.File, target.Path) ? 0 : target.File.Bytes - PartBytes(target.Path)));
        foreach (var (file, path) in targets)
            await new HubFileDownload(_http, Options, _disk, Retry(), progress).RunAsync(repo, file, token, path, ct).ConfigureAwait(false);
        progress.Begin("");
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private HubRetry Retry() => new(Options.FirstPause, _pause);

    private static long PartBytes(string target) => new FileInfo(target + ".part") is { Exists: true } part ? part.Length : 0;

    private static HubFile Checkable(HubRepo repo, HubFile file) =>
        file.Bytes < 0 ? throw new HubException(HubFailure.BadAnswer, $"The Hub gives no size for '{file.Name}' of '{repo.Id}', so it cannot be downloaded safely.")
        : file.Sha256 is null && file.BlobSha1 is null ? throw new HubException(HubFailure.BadAnswer, $"The Hub gives no checksum for '{file.Name}' of '{repo.Id}', so it cannot be checked.")
        : file;

    private static async Task<JsonDocument> ReadJsonAsync(HttpResponseMessage response, HubRepo repo, CancellationToken ct)
    {
        try
        {
            using var body = new MemoryStream();
            var stream = await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
            byte[] buffer = new byte[64 << 10];
            for (int count; (count = await stream.ReadAsync(buffer, ct).ConfigureAwait(false)) > 0;)
            {
                if (body.Length + count > LargestAnswer) throw new HubException(HubFailure.BadAnswer, $"The Hub's description of '{repo.Id}' has more than {LargestAnswer} bytes.");
                body.Write(buffer, 0, count);
            }
            return JsonDocument.Parse(body.GetBuffer().AsMemory(0, (int)body.Length));
        }
        catch (JsonException error)
        {
            throw new HubException(HubFailure.BadAnswer, $"The Hub's description of '{repo.Id}' is not JSON. Is HF_ENDPOINT the address of a Hub?", error);
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            throw new HubTransientException($"The connection broke: {error.Message}", inner: error);
        }
    }
}
