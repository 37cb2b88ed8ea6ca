using System.Runtime.InteropServices;
using Studio.Core.Tensors;

namespace Studio.Tests.Support;

/// <summary>Private bytes of this process without what garbage and free lists happen to hold.</summary>
internal static partial class ProcessMemory
{
    public static long PrivateBytes()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        if (OperatingSystem.IsLinux()) _ = malloc_trim(0);
        return DeviceMemory.Read().PrivateBytes;
    }

    /// <summary>Mappings of a file in this process; Linux only.</summary>
    public static int Mappings(string file) => File.ReadLines("/proc/self/maps").Count(line => line.EndsWith(file, StringComparison.Ordinal));

    [LibraryImport("libc")]
    private static partial int malloc_trim(nuint pad);
}
