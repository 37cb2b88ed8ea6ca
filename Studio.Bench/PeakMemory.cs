using System.Runtime.InteropServices;

namespace Studio.Bench;

/// <summary>The largest resident set of this process, which Linux lets begin anew.</summary>
internal static partial class PeakMemory
{
    private const string References = "/proc/self/clear_refs";

    /// <summary>From here on the peak is counted from what is resident now; nothing where the system cannot.</summary>
    public static void Reset()
    {
        if (File.Exists(References)) File.WriteAllText(References, "5");
    }

    /// <summary>Gives back what garbage and free lists hold.</summary>
    public static void Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        if (OperatingSystem.IsLinux()) _ = malloc_trim(0);
    }

    [LibraryImport("libc")]
    private static partial int malloc_trim(nuint pad);
}
