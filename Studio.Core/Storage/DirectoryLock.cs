using System.Globalization;

namespace Studio.Core.Storage;

/// <summary>
/// Holds a data directory for one process. The lock is the operating system's lock on an open file, so it ends with the process however
/// that ends. A locked file cannot be read on every system: the owner's process id lies in a second file beside it.
/// </summary>
internal sealed class DirectoryLock : IDisposable
{
    private const string LockName = "studio.lock";
    private const string OwnerName = "studio.owner";

    private readonly FileStream file;

    private DirectoryLock(FileStream file) => this.file = file;

    public static DirectoryLock Acquire(string root)
    {
        var path = Path.Combine(root, LockName);
        var owner = Path.Combine(root, OwnerName);
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException))
        {
            throw new StorageException(
                $"The data directory {root} is in use by {ReadOwner(owner)}. Stop that process, or start this one with another data directory.", e);
        }

        catch (UnauthorizedAccessException e)
        {
            throw new StorageException($"Cannot lock the data directory {root}: {e.Message}", e);
        }

        try
        {
            AtomicFile.WriteText(owner, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        }
        catch
        {
            file.Dispose();
            throw;
        }

        return new DirectoryLock(file);
    }

    // The lock file stays: deleting it would let two processes hold two different files of one name.
    public void Dispose() => file.Dispose();

    private static string ReadOwner(string path)
    {
        try
        {
            return $"the process with id {File.ReadAllText(path).Trim()}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "another process";
        }
    }
}
