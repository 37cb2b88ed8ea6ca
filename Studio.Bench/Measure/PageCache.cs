using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Studio.Bench.Measure;

/// <summary>What the operating system keeps of files in memory.</summary>
internal static partial class PageCache
{
    private const int DoNotNeed = 4; // POSIX_FADV_DONTNEED of Linux

    private const double MostLeft = 0.01;

    /// <summary>Asks the system to forget what it has of the checkpoints of a folder; whether it did. It keeps what is mapped, and what is in a file system of memory.</summary>
    public static bool Drop(string folder)
    {
        if (!OperatingSystem.IsLinux()) return false;
        foreach (string path in Checkpoints(folder))
        {
            using var file = File.OpenHandle(path);
            _ = posix_fadvise(file, 0, 0, DoNotNeed);
        }
        return Checkpoints(folder).All(path => Resident(path) <= MostLeft);
    }

    /// <summary>The part of a file that is in memory, 0..1; 1 where the system does not tell. Linux only.</summary>
    public static unsafe double Resident(string path)
    {
        using var map = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        using var view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        var handle = view.SafeMemoryMappedViewHandle;
        var pages = new byte[(handle.ByteLength + (ulong)Environment.SystemPageSize - 1) / (ulong)Environment.SystemPageSize];
        byte* start = null;
        handle.AcquirePointer(ref start);
        try
        {
            return mincore(start, (nuint)handle.ByteLength, pages) == 0 ? (double)pages.Count(page => (page & 1) == 1) / pages.Length : 1;
        }
        finally
        {
            handle.ReleasePointer();
        }
    }

    private static IEnumerable<string> Checkpoints(string folder) => Directory.EnumerateFiles(folder, "*.safetensors");

    [LibraryImport("libc")]
    private static partial int posix_fadvise(SafeFileHandle file, long offset, long length, int advice);

    [LibraryImport("libc")]
    private static unsafe partial int mincore(byte* start, nuint length, byte[] pages);
}
