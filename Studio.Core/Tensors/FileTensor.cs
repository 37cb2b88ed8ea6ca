using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Studio.Core.Tensors;

/// <summary>
/// A flat tensor whose memory is a file, shared with the system's page cache: whoever has it sees ordinary memory, and between two uses its pages can be given back
/// (<see cref="Park"/>). The file belongs to this object and goes with it; what a killed process leaves has a name that start-up recognises.
/// </summary>
internal sealed partial class FileTensor : IDisposable
{
    private const int DontNeed = 4; // MADV_DONTNEED

    private readonly string _path;

    /// <summary>Creates a file of zeros. Its room on the disk is taken at once: a write to a mapping that finds none could only end the process.</summary>
    /// <param name="path">A file that does not exist yet.</param>
    /// <param name="count">Elements.</param>
    /// <param name="type">Their type.</param>
    /// <exception cref="IOException">The disk is full or may not be written; the message names the file and the bytes.</exception>
    public FileTensor(string path, long count, ScalarType type)
    {
        _path = path;
        long bytes = count * SafeTensorTypes.Bytes(type);
        try
        {
            using (var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, PreallocationSize = bytes })) file.SetLength(bytes);
            Values = from_file(path, shared: true, size: count, dtype: type).Owned();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or ExternalException)
        {
            Delete();
            throw new IOException($"The state of an adapter in training ({bytes:N0} bytes) cannot be kept in '{path}': {e.Message}", e);
        }
    }

    /// <summary>The elements, [count]; owned by this object.</summary>
    public Tensor Values { get; }

    /// <summary>
    /// Gives the memory back to the system, which keeps what was written in its cache and on the disk; the next use finds it there. Others may use it meanwhile. Elsewhere than on
    /// Linux the system does so by itself when it needs the memory.
    /// </summary>
    public void Park()
    {
        if (!OperatingSystem.IsLinux()) return;
        unsafe
        {
            using var first = Values.narrow(0, 0, 1); // a span reaches over two gigabytes at most
            // Advice: where it is refused, the pages stay.
            fixed (byte* start = first.bytes) _ = Advise((nint)start, (nuint)Values.ByteCount(), DontNeed);
        }
    }

    /// <summary>Frees the memory and deletes the file.</summary>
    public void Dispose()
    {
        Values.Dispose();
        Delete();
    }

    // What cannot be removed now (views of it are still in use on Windows) is removed at the next start.
    private void Delete()
    {
        try
        {
            File.Delete(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);
}
