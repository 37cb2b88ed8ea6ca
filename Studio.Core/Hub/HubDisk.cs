namespace Studio.Core.Hub;

/// <summary>The disk that downloads go to; a test stands in for one that is full.</summary>
internal class HubDisk
{
    /// <summary>What is left free beside a download, so that the rest of the studio can still save.</summary>
    public const long Reserve = 64L << 20;

    /// <summary>Bytes that this user may still write at a folder.</summary>
    public virtual long FreeBytes(string folder)
    {
        // The drive with the longest root that leads to the folder: a data directory may lie on a mount of its own.
        string full = Path.GetFullPath(folder) + Path.DirectorySeparatorChar;
        var drive = DriveInfo.GetDrives().Where(drive => drive.IsReady && full.StartsWith(Path.TrimEndingDirectorySeparator(drive.RootDirectory.FullName) + (drive.RootDirectory.FullName.Length > 1 ? Path.DirectorySeparatorChar : ""), StringComparison.Ordinal))
            .MaxBy(drive => drive.RootDirectory.FullName.Length);
        return drive?.AvailableFreeSpace ?? long.MaxValue;
    }

    /// <summary>Opens a file to write on from wherever its content ends.</summary>
    public virtual Stream OpenPart(string path) => new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);

    /// <summary>Refuses when there is no room.</summary>
    /// <exception cref="HubException">There is not.</exception>
    public void Require(string folder, long bytes)
    {
        long free = FreeBytes(folder);
        if (bytes > 0 && free - Reserve < bytes)
            throw new HubException(HubFailure.DiskFull, $"The disk of {folder} has {Mebibytes(free)} free; this download still needs {Mebibytes(bytes)} and leaves {Mebibytes(Reserve)} for everything else. Free some space and resume.");
    }

    /// <summary>Whether a write failed because the disk or the user's part of it is full.</summary>
    public static bool IsFull(IOException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        // ENOSPC and EDQUOT as .NET gives them; ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL of Windows.
        return error.HResult is 28 or 122 || (error.HResult & 0xFFFF) is 0x70 or 0x27 && error.HResult < 0;
    }

    private static string Mebibytes(long bytes) => bytes == long.MaxValue ? "unknown space" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Math.Ceiling(bytes / 1048576.0):0} MiB");
}
