using System.Text.Json;
using Studio.Core.Storage;

namespace Studio.Core.Hub;

/// <summary>
/// Brings one file. What has arrived lies in <c>name.part</c> beside <c>name.part.json</c>, which says of which content it is the beginning and under
/// which entity tag it came; so an interrupted download goes on where it stopped, also in another process. Only a checked file gets its name.
/// </summary>
internal sealed class HubFileDownload(HubHttp http, HubOptions options, HubDisk disk, HubRetry retry, HubProgress progress)
{
    private const int BufferBytes = 256 << 10;
    private const long ProgressBytes = 1 << 20;

    /// <summary>Downloads a file unless it is there.</summary>
    /// <param name="repo">Repository at a commit.</param>
    /// <param name="file">The file.</param>
    /// <param name="token">Token, or null.</param>
    /// <param name="target">Where it goes.</param>
    /// <param name="ct">Cancels; what has arrived stays for the next time.</param>
    /// <exception cref="HubException">It cannot be brought; the message says why.</exception>
    public async Task RunAsync(HubRepo repo, HubFile file, string? token, string target, CancellationToken ct)
    {
        if (IsComplete(file, target))
        {
            progress.Correct(file.Bytes);
            return;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        progress.Begin(file.Name);
        try
        {
            if (!await FillAsync(repo, file, token, target, ct).ConfigureAwait(false))
            {
                // What was kept from an earlier time may have been damaged; a second time from its beginning, the Hub itself is wrong.
                progress.Correct(-file.Bytes);
                if (!await FillAsync(repo, file, token, target, ct).ConfigureAwait(false))
                    throw new HubException(HubFailure.WrongContent, $"'{file.Name}' of '{repo.Id}' arrived twice with another checksum than the Hub announces ({file.Checksum}). It was not kept.");
            }
        }
        catch (IOException error) when (HubDisk.IsFull(error))
        {
            throw new HubException(HubFailure.DiskFull, $"The disk is full: '{file.Name}' of '{repo.Id}' could not be written on. What has arrived is kept; free some space and resume.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new HubException(HubFailure.DiskFull, $"'{file.Name}' of '{repo.Id}' could not be written: {error.Message}", error);
        }
    }

    /// <summary>Whether a file has been brought and checked before.</summary>
    public static bool IsComplete(HubFile file, string target) => new FileInfo(target) is { Exists: true } there && there.Length == file.Bytes;

    // False when all has arrived and is wrong; then nothing of it is left.
    private async Task<bool> FillAsync(HubRepo repo, HubFile file, string? token, string target, CancellationToken ct)
    {
        string path = target + ".part", statePath = path + ".json";
        using var checksum = new HubChecksum(file);
        var part = disk.OpenPart(path);
        bool sound;
        await using (part.ConfigureAwait(false))
        {
            var state = PartState.Read(statePath);
            if (state?.Checksum != file.Checksum || part.Length > file.Bytes)
            {
                part.SetLength(0);
                state = new PartState(file.Checksum, null);
            }
            await HashAsync(part, checksum, ct).ConfigureAwait(false);
            progress.Correct(part.Length);
            await ReceiveAsync(repo, file, token, part, checksum, state, statePath, ct).ConfigureAwait(false);
            await part.FlushAsync(ct).ConfigureAwait(false);
            if (part is FileStream onDisk) onDisk.Flush(flushToDisk: true);
            sound = checksum.Matches();
        }
        if (sound) File.Move(path, target, overwrite: true);
        else File.Delete(path);
        File.Delete(statePath);
        return sound;
    }

    private async Task ReceiveAsync(HubRepo repo, HubFile file, string? token, Stream part, HubChecksum checksum, PartState state, string statePath, CancellationToken ct)
    {
        long kept = part.Length;
        while (part.Length < file.Bytes)
        {
            try
            {
                using var answer = await http.GetAsync(repo.FilePath(file.Name), repo, token, part.Length, state.Tag, ct).ConfigureAwait(false);
                if (!Continues(answer, file, part.Length))
                {
                    // The whole file comes, or the server has another one under this name: from the beginning.
                    progress.Correct(-part.Length);
                    part.SetLength(0);
                    checksum.Restart();
                    if (answer.Response.StatusCode != System.Net.HttpStatusCode.OK) throw new HubTransientException($"The Hub cannot go on with '{file.Name}' from where it stopped.");
                }
                RequireAnnounced(answer, repo, file);
                state = state with { Tag = answer.Response.Headers.ETag is { IsWeak: false } tag ? tag.ToString() : null };
                state.Write(statePath);
                await CopyAsync(answer.Response, file, part, checksum, ct).ConfigureAwait(false);
            }
            catch (HubTransientException failure)
            {
                if (part.Length - kept >= ProgressBytes)
                {
                    kept = part.Length;
                    retry.Progressed();
                }
                await retry.WaitAsync(failure, ct).ConfigureAwait(false);
            }
        }
    }

    private async Task CopyAsync(HttpResponseMessage response, HubFile file, Stream part, HubChecksum checksum, CancellationToken ct)
    {
        var body = await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false);
        byte[] buffer = new byte[BufferBytes];
        part.Position = part.Length;
        while (true)
        {
            int count = await ReadAsync(body, buffer, file, ct).ConfigureAwait(false);
            if (count == 0) break;
            if (part.Length + count > file.Bytes)
                throw new HubException(HubFailure.WrongContent, $"The Hub sends more of '{file.Name}' than the {file.Bytes} bytes that it announced.");
            await part.WriteAsync(buffer.AsMemory(0, count), ct).ConfigureAwait(false);
            checksum.Append(buffer.AsSpan(0, count));
            progress.Arrived(count);
        }
        if (part.Length < file.Bytes) throw new HubTransientException($"The connection ended within '{file.Name}', after {part.Length} of {file.Bytes} bytes.");
    }

    private async Task<int> ReadAsync(Stream body, byte[] buffer, HubFile file, CancellationToken ct)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(ct);
        silence.CancelAfter(options.Silence);
        try
        {
            return await body.ReadAsync(buffer, silence.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!ct.IsCancellationRequested)
        {
            throw new HubTransientException($"Nothing of '{file.Name}' came for {options.Silence.TotalSeconds:0} seconds.", inner: error);
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            throw new HubTransientException($"The connection broke within '{file.Name}': {error.Message}", inner: error);
        }
    }

    private static bool Continues(HubAnswer answer, HubFile file, long offset)
    {
        if (offset == 0 && answer.Response.StatusCode == System.Net.HttpStatusCode.OK) return true;
        return answer.Response.StatusCode == System.Net.HttpStatusCode.PartialContent
            && answer.Response.Content.Headers.ContentRange is { From: { } from } range && from == offset && (range.Length ?? file.Bytes) == file.Bytes;
    }

    // The Hub says what it will send before it sends it: another content is known before its gigabytes have come.
    private static void RequireAnnounced(HubAnswer answer, HubRepo repo, HubFile file)
    {
        if (answer.LinkedTag is { Length: 64 } linked && file.Sha256 is { } wanted && linked != wanted)
            throw new HubException(HubFailure.WrongContent, $"The Hub offers other content for '{file.Name}' of '{repo.Id}' ({linked}) than it announced ({wanted}).");
    }

    private static async Task HashAsync(Stream part, HubChecksum checksum, CancellationToken ct)
    {
        byte[] buffer = new byte[BufferBytes];
        part.Position = 0;
        for (int count; (count = await part.ReadAsync(buffer, ct).ConfigureAwait(false)) > 0;) checksum.Append(buffer.AsSpan(0, count));
    }

    private sealed record PartState(string Checksum, string? Tag)
    {
        public static PartState? Read(string path)
        {
            try
            {
                return File.Exists(path) ? JsonSerializer.Deserialize<PartState>(File.ReadAllText(path)) : null;
            }
            catch (JsonException)
            {
                // Cut short by a power failure: then the beginning comes again.
                return null;
            }
        }

        public void Write(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(this));
    }
}
