using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Studio.Core.Storage;

/// <summary>Brings files and renames through to the disk.</summary>
internal static partial class DiskFlush
{
    /// <summary>Flushes a closed file's content to the disk.</summary>
    public static void File(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>
    /// Flushes a directory's entries, without which a rename may be lost in a power failure. Windows keeps renames in the
    /// journal of the file system and offers no such call; there this does nothing.
    /// </summary>
    public static void Directory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // FileStream refuses to open directories, so this goes to the C library.
        var descriptor = Open(path, 0);
        if (descriptor < 0)
        {
            throw Failure(path);
        }

        try
        {
            // Some network file systems cannot flush a directory (EINVAL); a plain file system that fails (EIO) must be heard.
            const int InvalidArgument = 22;
            if (Flush(descriptor) != 0 && Marshal.GetLastPInvokeError() != InvalidArgument)
            {
                throw Failure(path);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Flushes every file and directory below <paramref name="root"/>, and <paramref name="root"/> itself.</summary>
    public static void Tree(string root)
    {
        foreach (var file in System.IO.Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        {
            File(file);
        }

        foreach (var folder in System.IO.Directory.EnumerateDirectories(root, "*", SearchOption.AllDirectories))
        {
            Directory(folder);
        }

        Directory(root);
    }

    private static IOException Failure(string path)
    {
        var error = new Win32Exception(Marshal.GetLastPInvokeError());
        return new IOException($"Cannot flush the folder {path} to the disk: {error.Message}", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
