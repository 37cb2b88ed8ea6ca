namespace Studio.Core.Storage;

/// <summary>
/// Writes a file so that its name always shows complete content: the new one is written under a temporary name in the same
/// folder, flushed to the disk and renamed over the old one. Whatever fails before the rename leaves the old content.
/// </summary>
public static class AtomicFile
{
    /// <summary>Writes <paramref name="path"/> with what <paramref name="fill"/> writes to the stream.</summary>
    /// <exception cref="IOException">The disk refused, for instance because it is full; the old content is still there.</exception>
    public static void Write(string path, Action<Stream> fill)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(fill);
        var temporary = TemporaryName.ForWriting(path);
        try
        {
            using (var stream = Create(temporary, FileOptions.None))
            {
                fill(stream);
                stream.Flush(flushToDisk: true);
            }

            Publish(temporary, path);
        }
        catch
        {
            Discard(temporary);
            throw;
        }
    }

    /// <summary>Writes <paramref name="path"/> with what <paramref name="fill"/> writes to the stream.</summary>
    /// <exception cref="IOException">The disk refused, for instance because it is full; the old content is still there.</exception>
    public static async Task WriteAsync(string path, Func<Stream, CancellationToken, Task> fill, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(fill);
        var temporary = TemporaryName.ForWriting(path);
        try
        {
            var stream = Create(temporary, FileOptions.Asynchronous);
            await using (stream.ConfigureAwait(false))
            {
                await fill(stream, cancellation).ConfigureAwait(false);
                await stream.FlushAsync(cancellation).ConfigureAwait(false);
                stream.Flush(flushToDisk: true);
            }

            cancellation.ThrowIfCancellationRequested();
            Publish(temporary, path);
        }
        catch
        {
            Discard(temporary);
            throw;
        }
    }

    /// <summary>Writes text as UTF-8 without a byte order mark.</summary>
    /// <exception cref="IOException">The disk refused; the old content is still there.</exception>
    public static void WriteText(string path, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>Copies <paramref name="source"/> to <paramref name="path"/>.</summary>
    /// <exception cref="IOException">The disk refused; what was at <paramref name="path"/> is still there.</exception>
    public static void Copy(string source, string path) => Write(path, stream =>
    {
        using var from = File.OpenRead(source);
        from.CopyTo(stream);
    });

    /// <summary>Renames a finished and flushed file into its place and makes the rename durable.</summary>
    internal static void Publish(string temporary, string path)
    {
        File.Move(temporary, path, overwrite: true);
        DiskFlush.Directory(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Removes a temporary file after a failure. What cannot be removed now is removed at start-up; the failure itself matters more.</summary>
    internal static void Discard(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static FileStream Create(string temporary, FileOptions options) =>
        new(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 64 * 1024, options);
}
